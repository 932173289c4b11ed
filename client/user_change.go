package client

import (
	"context"
	"net/http"
	"strings"
)

// CreateUser creates an account.
func (c *Client) CreateUser(ctx context.Context, in NewUser) (User, error) {
	return post[User](ctx, c, "/users", in)
}

// UpdateUser replaces a user's names, e-mail address, position and locale; the server
// ignores the other fields. The password is the current one; a caller needs it to change
// the e-mail address of its own account.
func (c *Client) UpdateUser(ctx context.Context, u User, password string) (User, error) {
	in := struct {
		User
		Password string `json:"password,omitempty"`
	}{u, password}
	return put[User](ctx, c, "/users/"+escaped(u.ID), in)
}

// PatchUser changes the fields that the patch holds.
func (c *Client) PatchUser(ctx context.Context, id string, p UserPatch) (User, error) {
	return put[User](ctx, c, "/users/"+escaped(id)+"/patch", p)
}

// SetPassword changes a password. For its own account, a caller needs the current one.
func (c *Client) SetPassword(ctx context.Context, id, current, password string) error {
	in := struct {
		Current string `json:"current_password"`
		New     string `json:"new_password"`
	}{current, password}
	return c.done(ctx, http.MethodPut, "/users/"+escaped(id)+"/password", in)
}

// UnlockUser sets a user's failed attempts to 0, and allows the account all its attempts again.
func (c *Client) UnlockUser(ctx context.Context, id string) error {
	return c.done(ctx, http.MethodPost, "/users/"+escaped(id)+"/reset_failed_attempts", nil)
}

// SetRoles replaces a user's roles.
func (c *Client) SetRoles(ctx context.Context, id string, roles ...string) error {
	in := struct {
		Roles string `json:"roles"`
	}{strings.Join(roles, " ")}
	return c.done(ctx, http.MethodPut, "/users/"+escaped(id)+"/roles", in)
}

// SetActive activates or deactivates a user. Deactivation ends the user's sessions; the
// user's tokens are not good while the user is deactivated.
func (c *Client) SetActive(ctx context.Context, id string, active bool) error {
	in := struct {
		Active bool `json:"active"`
	}{active}
	return c.done(ctx, http.MethodPut, "/users/"+escaped(id)+"/active", in)
}

// DeleteUser deactivates a user, or deletes the user permanently where the server allows
// that.
func (c *Client) DeleteUser(ctx context.Context, id string, forGood bool) error {
	path := "/users/" + escaped(id)
	if forGood {
		path += "?permanent=true"
	}
	return c.done(ctx, http.MethodDelete, path, nil)
}
