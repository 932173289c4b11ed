package client

import (
	"context"
	"net/http"
	"strings"
)

// CreateUser makes an account.
func (c *Client) CreateUser(ctx context.Context, in NewUser) (User, error) {
	return post[User](ctx, c, "/users", in)
}

// UpdateUser puts a whole user in the place of the old one: names, e-mail
// address, position and locale count, the rest is not a caller's to write. The
// password is the present one, which a new e-mail address of one's own needs.
func (c *Client) UpdateUser(ctx context.Context, u User, password string) (User, error) {
	in := struct {
		User
		Password string `json:"password,omitempty"`
	}{u, password}
	return put[User](ctx, c, "/users/"+escaped(u.ID), in)
}

// PatchUser changes what the patch says.
func (c *Client) PatchUser(ctx context.Context, id string, p UserPatch) (User, error) {
	return put[User](ctx, c, "/users/"+escaped(id)+"/patch", p)
}

// SetPassword changes a password. The current one is needed for one's own.
func (c *Client) SetPassword(ctx context.Context, id, current, password string) error {
	in := struct {
		Current string `json:"current_password"`
		New     string `json:"new_password"`
	}{current, password}
	return c.done(ctx, http.MethodPut, "/users/"+escaped(id)+"/password", in)
}

// SetRoles gives a user exactly these roles.
func (c *Client) SetRoles(ctx context.Context, id string, roles ...string) error {
	in := struct {
		Roles string `json:"roles"`
	}{strings.Join(roles, " ")}
	return c.done(ctx, http.MethodPut, "/users/"+escaped(id)+"/roles", in)
}

// SetActive activates or deactivates a user. A deactivated one's sessions end and
// his tokens are good for nothing.
func (c *Client) SetActive(ctx context.Context, id string, active bool) error {
	in := struct {
		Active bool `json:"active"`
	}{active}
	return c.done(ctx, http.MethodPut, "/users/"+escaped(id)+"/active", in)
}

// DeleteUser deactivates a user, or removes him for good where the server allows
// that.
func (c *Client) DeleteUser(ctx context.Context, id string, forGood bool) error {
	path := "/users/" + escaped(id)
	if forGood {
		path += "?permanent=true"
	}
	return c.done(ctx, http.MethodDelete, path, nil)
}
