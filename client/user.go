package client

import (
	"context"
	"net/url"
	"strings"
)

// User is a person's account, or a bot's. Times are Unix milliseconds.
type User struct {
	ID                  string            `json:"id"`
	CreateAt            int64             `json:"create_at,omitempty"`
	UpdateAt            int64             `json:"update_at,omitempty"`
	DeleteAt            int64             `json:"delete_at"` // 0: active
	Username            string            `json:"username"`
	AuthData            string            `json:"auth_data"`
	AuthService         string            `json:"auth_service"`
	Email               string            `json:"email"`
	EmailVerified       bool              `json:"email_verified,omitempty"`
	Nickname            string            `json:"nickname"`
	FirstName           string            `json:"first_name"`
	LastName            string            `json:"last_name"`
	Position            string            `json:"position"`
	Roles               string            `json:"roles"` // names, separated by spaces
	NotifyProps         map[string]string `json:"notify_props,omitempty"`
	LastPasswordUpdate  int64             `json:"last_password_update,omitempty"`
	FailedAttempts      int64             `json:"failed_attempts,omitempty"` // wrong passwords since the last right one
	Locale              string            `json:"locale"`
	Timezone            map[string]string `json:"timezone"`
	RemoteID            *string           `json:"remote_id,omitempty"`
	IsBot               bool              `json:"is_bot,omitempty"`
	BotDescription      string            `json:"bot_description,omitempty"`
	DisableWelcomeEmail bool              `json:"disable_welcome_email"`
	LastLogin           int64             `json:"last_login,omitempty"` // 0: never, or not shown to the caller
}

// RoleNames returns the names of the user's roles.
func (u User) RoleNames() []string { return strings.Fields(u.Roles) }

func (u User) ours() bool { return u.ID != "" }

// NewUser holds the fields of an account to create.
type NewUser struct {
	Username  string `json:"username"`
	Email     string `json:"email"`
	Password  string `json:"password"`
	Nickname  string `json:"nickname,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Position  string `json:"position,omitempty"`
	Locale    string `json:"locale,omitempty"`

	EmailVerified bool `json:"email_verified,omitempty"` // only an administrator can set it
}

// UserPatch holds the fields to change; nil: unchanged. To change the e-mail address of
// its own account, a caller must send the current password.
type UserPatch struct {
	Username  *string `json:"username,omitempty"`
	Email     *string `json:"email,omitempty"`
	Password  string  `json:"password,omitempty"`
	Nickname  *string `json:"nickname,omitempty"`
	FirstName *string `json:"first_name,omitempty"`
	LastName  *string `json:"last_name,omitempty"`
	Position  *string `json:"position,omitempty"`
	Locale    *string `json:"locale,omitempty"`

	Timezone map[string]string `json:"timezone,omitempty"` // all keys are replaced
}

// UserFilter selects the users of a list; the zero value selects all.
type UserFilter struct {
	Role     string
	Active   bool // only active users
	Inactive bool // only deactivated users
	ByCreate bool // order by creation, the oldest first; false: by username
}

// UserSearch selects the users of a search.
type UserSearch struct {
	Term     string `json:"term"` // the beginning of a name or an e-mail address
	Role     string `json:"role,omitempty"`
	Inactive bool   `json:"allow_inactive"` // include deactivated users
	Limit    int    `json:"limit,omitempty"`
}

// User returns a user by id; Me returns the calling user.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	return c.user(ctx, "/users/"+escaped(id))
}

// UserByName returns a user by username.
func (c *Client) UserByName(ctx context.Context, username string) (User, error) {
	return c.user(ctx, "/users/username/"+escaped(username))
}

// UserByEmail returns a user by e-mail address.
func (c *Client) UserByEmail(ctx context.Context, email string) (User, error) {
	return c.user(ctx, "/users/email/"+escaped(email))
}

func (c *Client) user(ctx context.Context, path string) (User, error) {
	return get[User](ctx, c, path)
}

// Users lists users.
func (c *Client) Users(ctx context.Context, f UserFilter, p Page) (List[User], error) {
	v := url.Values{}
	if f.Role != "" {
		v.Set("role", f.Role)
	}
	if f.Active {
		v.Set("active", "true")
	}
	if f.Inactive {
		v.Set("inactive", "true")
	}
	if f.ByCreate {
		v.Set("order", "create_at")
	}
	return list[User](ctx, c, "/users", p, v)
}

// UsersByIDs returns the users that exist among those named.
func (c *Client) UsersByIDs(ctx context.Context, ids ...string) ([]User, error) {
	return ask[[]User](ctx, c, "/users/ids", ids)
}

// UsersByNames returns the users that exist among those named.
func (c *Client) UsersByNames(ctx context.Context, names ...string) ([]User, error) {
	return ask[[]User](ctx, c, "/users/usernames", names)
}

// SearchUsers returns users by the beginning of a name or an e-mail address.
func (c *Client) SearchUsers(ctx context.Context, s UserSearch) ([]User, error) {
	return ask[[]User](ctx, c, "/users/search", s)
}
