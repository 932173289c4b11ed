package client

import (
	"context"
	"net/url"
)

// Bot is an account without a log-in. Times are Unix milliseconds.
type Bot struct {
	UserID      string `json:"user_id"`
	Username    string `json:"username"`
	DisplayName string `json:"display_name,omitempty"`
	Description string `json:"description,omitempty"`
	OwnerID     string `json:"owner_id"`
	CreateAt    int64  `json:"create_at"`
	UpdateAt    int64  `json:"update_at"`
	DeleteAt    int64  `json:"delete_at"` // 0: enabled
}

func (b Bot) ours() bool { return b.UserID != "" }

// NewBot is what a bot is made of.
type NewBot struct {
	Username    string `json:"username"`
	DisplayName string `json:"display_name"`
	Description string `json:"description"`
}

// BotPatch changes what is not nil.
type BotPatch struct {
	Username    *string `json:"username,omitempty"`
	DisplayName *string `json:"display_name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// BotFilter says which bots are listed.
type BotFilter struct {
	Disabled bool // the disabled ones too
	Orphaned bool // only those whose owner is deactivated
}

// CreateBot makes a bot of the caller's.
func (c *Client) CreateBot(ctx context.Context, in NewBot) (Bot, error) {
	return post[Bot](ctx, c, "/bots", in)
}

// Bots lists bots, from the oldest to the newest.
func (c *Client) Bots(ctx context.Context, f BotFilter, p Page) (List[Bot], error) {
	v := url.Values{}
	if f.Disabled {
		v.Set("include_deleted", "true")
	}
	if f.Orphaned {
		v.Set("only_orphaned", "true")
	}
	return list[Bot](ctx, c, "/bots", p, v)
}

// Bot returns a bot, a disabled one too.
func (c *Client) Bot(ctx context.Context, id string) (Bot, error) {
	return get[Bot](ctx, c, "/bots/"+escaped(id)+"?include_deleted=true")
}

// UpdateBot changes a bot.
func (c *Client) UpdateBot(ctx context.Context, id string, p BotPatch) (Bot, error) {
	return put[Bot](ctx, c, "/bots/"+escaped(id), p)
}

// EnableBot lets a bot act again.
func (c *Client) EnableBot(ctx context.Context, id string) (Bot, error) {
	return post[Bot](ctx, c, "/bots/"+escaped(id)+"/enable", nil)
}

// DisableBot stops a bot: none of its tokens is good any longer.
func (c *Client) DisableBot(ctx context.Context, id string) (Bot, error) {
	return post[Bot](ctx, c, "/bots/"+escaped(id)+"/disable", nil)
}

// AssignBot gives a bot another owner.
func (c *Client) AssignBot(ctx context.Context, id, userID string) (Bot, error) {
	return post[Bot](ctx, c, "/bots/"+escaped(id)+"/assign/"+escaped(userID), nil)
}
