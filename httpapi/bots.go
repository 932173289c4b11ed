package httpapi

import (
	"strconv"

	"jeton"
	"jeton/web"
)

// createBot is POST /bots.
func (a *api) createBot(c *web.Call) (any, error) {
	var in struct {
		Username    string `json:"username"`
		DisplayName string `json:"display_name"`
		Description string `json:"description"`
	}
	if err := c.Decode(&in, "bot"); err != nil {
		return nil, err
	}
	b, receipt, err := a.service.CreateBot(c.Context(), c.Actor, jeton.NewBot(in))
	c.Changed(receipt)
	return web.Created(wireBot(b)), err
}

// listBots is GET /bots.
func (a *api) listBots(c *web.Call) (any, error) {
	p := page(c)
	f := jeton.BotFilter{IncludeDeleted: flag(c, "include_deleted"), OnlyOrphaned: flag(c, "only_orphaned")}
	bots, err := a.service.Bots(c.Context(), c.Actor, f, p)
	if err != nil {
		return nil, err
	}
	a.listHeaders(c, p, len(bots), unknownTotal, "include_deleted", "only_orphaned")
	return web.Tagged(each(bots, wireBot)), nil
}

// getBot is GET /bots/{bot_user_id}.
func (a *api) getBot(c *web.Call) (any, error) {
	id, err := pathID(c, "bot_user_id")
	if err != nil {
		return nil, err
	}
	b, err := a.service.Bot(c.Context(), c.Actor, id, flag(c, "include_deleted"))
	return web.Reply{Value: wireBot(b), Tagged: true, Known: botTag(b)}, err
}

// botTag returns the end of the ETag that Mattermost's clients compute for a bot they have
// (model.Bot.Etag): the id and the time of the last change. A version goes before it, which
// is the client's own.
func botTag(b jeton.User) string { return "." + b.ID + "." + strconv.FormatInt(b.UpdateAt, 10) }

// updateBot is PUT /bots/{bot_user_id}.
func (a *api) updateBot(c *web.Call) (any, error) {
	id, err := pathID(c, "bot_user_id")
	if err != nil {
		return nil, err
	}
	var in struct {
		Username    *string `json:"username"`
		DisplayName *string `json:"display_name"`
		Description *string `json:"description"`
	}
	if err := c.Decode(&in, "bot"); err != nil {
		return nil, err
	}
	b, receipt, err := a.service.UpdateBot(c.Context(), c.Actor, id, jeton.BotPatch(in))
	c.Changed(receipt)
	return wireBot(b), err
}

// enableBot is POST /bots/{bot_user_id}/enable.
func (a *api) enableBot(c *web.Call) (any, error) { return a.setBotActive(c, true) }

// disableBot is POST /bots/{bot_user_id}/disable.
func (a *api) disableBot(c *web.Call) (any, error) { return a.setBotActive(c, false) }

func (a *api) setBotActive(c *web.Call, active bool) (any, error) {
	id, err := pathID(c, "bot_user_id")
	if err != nil {
		return nil, err
	}
	b, receipt, err := a.service.SetBotActive(c.Context(), c.Actor, id, active)
	c.Changed(receipt)
	return wireBot(b), err
}

// assignBot is POST /bots/{bot_user_id}/assign/{user_id}.
func (a *api) assignBot(c *web.Call) (any, error) {
	id, err := pathID(c, "bot_user_id")
	if err != nil {
		return nil, err
	}
	owner, err := userID(c)
	if err != nil {
		return nil, err
	}
	b, receipt, err := a.service.AssignBot(c.Context(), c.Actor, id, owner)
	c.Changed(receipt)
	return wireBot(b), err
}
