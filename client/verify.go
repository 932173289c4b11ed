package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Verified is the owner and the permissions of a token, as the server returns them to a
// reverse proxy.
type Verified struct {
	UserID          string   `json:"user_id"` // the owner's id
	Username        string   `json:"username"`
	Roles           []string `json:"roles"`
	TokenID         string   `json:"token_id"`         // empty for a session
	ExpiresAt       int64    `json:"expires_at"`       // Unix milliseconds; 0: never
	Scopes          []string `json:"scopes"`           // the organisation's own permissions that the token holds
	ScopesTruncated bool     `json:"scopes_truncated"` // the scopes are too many to list: require each of them
}

// Verify verifies the client's own token. If the token is not good, or lacks one of these
// permissions, the error is an *Error with the ID "invalid_token" (401) or
// "insufficient_scope" (403). It asks the server each time: a service that verifies its
// callers' tokens uses a Verifier.
func (c *Client) Verify(ctx context.Context, permissions ...string) (Verified, error) {
	path := "/verify"
	if len(permissions) > 0 {
		path += "?" + url.Values{"require": permissions}.Encode()
	}
	var body []byte
	h, err := c.do(ctx, call{method: http.MethodGet, path: path, atRoot: true, out: &body, reads: true})
	if err != nil {
		return Verified{}, err
	}
	v := Verified{
		UserID: h.Get("X-Auth-User-Id"), Username: h.Get("X-Auth-Username"), Roles: strings.Fields(h.Get("X-Auth-Roles")),
		TokenID: h.Get("X-Auth-Token-Id"), Scopes: strings.Fields(h.Get("X-Auth-Scopes")), ScopesTruncated: h.Get("X-Auth-Scopes-Truncated") == "true",
	}
	if at := h.Get("X-Auth-Expires-At"); at != "" {
		v.ExpiresAt, err = strconv.ParseInt(at, 10, 64)
	}
	if v.UserID == "" || err != nil {
		return Verified{}, &Error{Status: http.StatusOK} // another server's answer
	}
	return v, nil
}

// challenged parses the reason why a token was not accepted (RFC 6750, 3).
func challenged(h http.Header) (id, message string) {
	line, ok := strings.CutPrefix(h.Get("Www-Authenticate"), "Bearer ")
	if !ok {
		return "", ""
	}
	switch id = parameter(line, "error"); id {
	case "invalid_token":
		return id, "The token is not good"
	case "insufficient_scope":
		return id, "The token may not do " + strings.Join(strings.Fields(parameter(line, "scope")), ", ")
	case "":
		return "", ""
	}
	return id, parameter(line, "error_description")
}

// parameter returns a parameter of a challenge. No value that Jeton sends holds a quote.
func parameter(line, name string) string {
	_, rest, _ := strings.Cut(", "+line, ", "+name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
