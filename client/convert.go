package client

import (
	"context"
	"net/http"
)

// ConvertToBot makes a person a bot that is its own owner. The password is removed and
// the sessions end; roles and tokens stay.
func (c *Client) ConvertToBot(ctx context.Context, userID string) (Bot, error) {
	return post[Bot](ctx, c, "/users/"+escaped(userID)+"/convert_to_bot", nil)
}

// ConvertToUser makes an enabled bot a person that logs in with the password of the
// patch, which is needed; systemAdmin also gives it the role system_admin. The answer
// still says IsBot, as Mattermost's does.
func (c *Client) ConvertToUser(ctx context.Context, botID string, p UserPatch, systemAdmin bool) (User, error) {
	path := "/bots/" + escaped(botID) + "/convert_to_user"
	if systemAdmin {
		path += "?set_system_admin=true"
	}
	return post[User](ctx, c, path, p)
}

// PromoteGuest gives a guest the role system_user in place of system_guest.
func (c *Client) PromoteGuest(ctx context.Context, userID string) error {
	return c.done(ctx, http.MethodPost, "/users/"+escaped(userID)+"/promote", nil)
}
