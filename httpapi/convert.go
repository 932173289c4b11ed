package httpapi

import (
	"jeton"
	"jeton/web"
)

// convertToBot is POST /users/{user_id}/convert_to_bot.
func (a *api) convertToBot(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	b, receipt, err := a.service.ConvertToBot(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return wireBot(b), err
}

// convertToUser is POST /bots/{bot_user_id}/convert_to_user. As in Mattermost, the user of
// the answer is still a bot.
func (a *api) convertToUser(c *web.Call) (any, error) {
	id, err := pathID(c, "bot_user_id")
	if err != nil {
		return nil, err
	}
	var in userPatchIn
	if err := c.Decode(&in, "userPatch"); err != nil {
		return nil, err
	}
	u, receipt, err := a.service.ConvertToUser(c.Context(), c.Actor, id, jeton.NewPerson{
		Patch: in.patch(), Password: in.Password, SystemAdmin: flag(c, "set_system_admin"),
	})
	c.Changed(receipt)
	out := visibleUser(c, u)
	out.IsBot = true
	return web.Line(out), err
}

// promoteGuest is POST /users/{user_id}/promote.
func (a *api) promoteGuest(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.PromoteGuest(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return ok(), err
}

// demoteToGuest is POST /users/{user_id}/demote.
func (a *api) demoteToGuest(c *web.Call) (any, error) {
	if _, err := userID(c); err != nil {
		return nil, err
	}
	return ok(), a.service.DemoteToGuest(c.Actor)
}
