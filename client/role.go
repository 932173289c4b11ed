package client

import (
	"context"
	"net/http"
)

// Role is a named set of permissions. Times are Unix milliseconds.
type Role struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	DisplayName   string   `json:"display_name"`
	Description   string   `json:"description"`
	CreateAt      int64    `json:"create_at"`
	UpdateAt      int64    `json:"update_at"`
	DeleteAt      int64    `json:"delete_at"`
	Permissions   []string `json:"permissions"`
	SchemeManaged bool     `json:"scheme_managed"`
	BuiltIn       bool     `json:"built_in"`
	SchemeID      *string  `json:"scheme_id"`

	// Ignored are permissions that SetPermissions asked for and the role does not hold:
	// those of Mattermost that mean nothing to the server. Reads do not have it.
	Ignored []string `json:"ignored_permissions,omitempty"`
}

func (r Role) ours() bool { return r.ID != "" }

// NewRole holds the fields of a role to create.
type NewRole struct {
	Name        string   `json:"name"`
	DisplayName string   `json:"display_name"`
	Description string   `json:"description"`
	Permissions []string `json:"permissions"`
}

// Roles lists all roles.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	return get[[]Role](ctx, c, "/roles")
}

// Role returns a role by its id.
func (c *Client) Role(ctx context.Context, id string) (Role, error) {
	return get[Role](ctx, c, "/roles/"+escaped(id))
}

// RoleByName returns a role by its name.
func (c *Client) RoleByName(ctx context.Context, name string) (Role, error) {
	return get[Role](ctx, c, "/roles/name/"+escaped(name))
}

// RolesByNames returns the roles that exist among those named.
func (c *Client) RolesByNames(ctx context.Context, names ...string) ([]Role, error) {
	return ask[[]Role](ctx, c, "/roles/names", names)
}

// CreateRole creates a role.
func (c *Client) CreateRole(ctx context.Context, in NewRole) (Role, error) {
	if in.Permissions == nil {
		in.Permissions = []string{}
	}
	return post[Role](ctx, c, "/roles", in)
}

// SetPermissions replaces a role's permissions. The answer's Ignored names those that the
// server left out.
func (c *Client) SetPermissions(ctx context.Context, id string, permissions []string) (Role, error) {
	in := struct {
		Permissions []string `json:"permissions"`
	}{append([]string{}, permissions...)} // [] rather than null for an empty list
	return put[Role](ctx, c, "/roles/"+escaped(id)+"/patch", in)
}

// DeleteRole deletes a role that no user has.
func (c *Client) DeleteRole(ctx context.Context, id string) error {
	return c.done(ctx, http.MethodDelete, "/roles/"+escaped(id), nil)
}
