package client

import (
	"context"
	"net/http"
)

// Session is a log-in of a person. Times are Unix milliseconds.
type Session struct {
	ID             string            `json:"id"`
	Token          string            `json:"token"` // always empty: Mattermost's field for the secret
	CreateAt       int64             `json:"create_at"`
	ExpiresAt      int64             `json:"expires_at"`
	LastActivityAt int64             `json:"last_activity_at"`
	UserID         string            `json:"user_id"`
	DeviceID       string            `json:"device_id"`
	Roles          string            `json:"roles"`
	IsOAuth        bool              `json:"is_oauth"`
	ExpiredNotify  bool              `json:"expired_notify"`
	Props          map[string]string `json:"props"`
	TeamMembers    []struct{}        `json:"team_members"`
	Local          bool              `json:"local"`
	Address        string            `json:"address"`
	UserAgent      string            `json:"user_agent"`
}

// LogIn creates a session and returns its user and secret; With returns a client that
// uses it. The id is a username or an e-mail address. A session that the client used for
// the call ends.
func (c *Client) LogIn(ctx context.Context, loginID, password string) (User, Secret, error) {
	in := struct {
		LoginID  string `json:"login_id"`
		Password string `json:"password"`
	}{loginID, password}
	var u User
	h, err := c.do(ctx, call{method: http.MethodPost, path: "/users/login", in: in, out: &u})
	if err != nil {
		return User{}, "", err
	}
	secret := Secret(h.Get("Token"))
	if secret == "" {
		return User{}, "", &Error{Status: http.StatusOK}
	}
	return u, secret, nil
}

// LogOut ends the client's session.
func (c *Client) LogOut(ctx context.Context) error {
	return c.done(ctx, http.MethodPost, "/users/logout", nil)
}

// Sessions lists a user's sessions, the most recently active first.
func (c *Client) Sessions(ctx context.Context, userID string) ([]Session, error) {
	return get[[]Session](ctx, c, "/users/"+escaped(userID)+"/sessions")
}

// RevokeSession ends one of a user's sessions.
func (c *Client) RevokeSession(ctx context.Context, userID, id string) error {
	in := struct {
		ID string `json:"session_id"`
	}{id}
	return c.done(ctx, http.MethodPost, "/users/"+escaped(userID)+"/sessions/revoke", in)
}

// RevokeEverySession ends the sessions of all users, also the caller's own.
func (c *Client) RevokeEverySession(ctx context.Context) error {
	return c.done(ctx, http.MethodPost, "/users/sessions/revoke/all", nil)
}

// AttachDevice names the device of the caller's session, and ends the caller's other
// sessions of the same device.
func (c *Client) AttachDevice(ctx context.Context, deviceID string) error {
	in := struct {
		ID string `json:"device_id"`
	}{deviceID}
	return c.done(ctx, http.MethodPut, "/users/sessions/device", in)
}

// RevokeSessions ends all of a user's sessions, also the caller's own.
func (c *Client) RevokeSessions(ctx context.Context, userID string) error {
	return c.done(ctx, http.MethodPost, "/users/"+escaped(userID)+"/sessions/revoke/all", nil)
}
