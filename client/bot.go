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

// NewBot holds the fields of a bot to create.
type NewBot struct {
	Username    string `json:"username"`
	DisplayName string `json:"display_name"`
	Description string `json:"description"`
}

// BotPatch holds the fields to change; nil: unchanged.
type BotPatch struct {
	Username    *string `json:"username,omitempty"`
	DisplayName *string `json:"display_name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// BotFilter selects the bots of a list.
type BotFilter struct {
	Disabled bool // include disabled bots
	Orphaned bool // only bots whose owner is deactivated
}

// CreateBot creates a bot that the caller owns.
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

// Bot returns a bot, also a disabled one.
func (c *Client) Bot(ctx context.Context, id string) (Bot, error) {
	return get[Bot](ctx, c, "/bots/"+escaped(id)+"?include_deleted=true")
}

// UpdateBot changes a bot.
func (c *Client) UpdateBot(ctx context.Context, id string, p BotPatch) (Bot, error) {
	return put[Bot](ctx, c, "/bots/"+escaped(id), p)
}

// EnableBot enables a disabled bot.
func (c *Client) EnableBot(ctx context.Context, id string) (Bot, error) {
	return post[Bot](ctx, c, "/bots/"+escaped(id)+"/enable", nil)
}

// DisableBot disables a bot: none of its tokens is good while it is disabled.
func (c *Client) DisableBot(ctx context.Context, id string) (Bot, error) {
	return post[Bot](ctx, c, "/bots/"+escaped(id)+"/disable", nil)
}

// AssignBot changes a bot's owner.
func (c *Client) AssignBot(ctx context.Context, id, userID string) (Bot, error) {
	return post[Bot](ctx, c, "/bots/"+escaped(id)+"/assign/"+escaped(userID), nil)
}
