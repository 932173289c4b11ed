package client

import (
	"context"
	"net/http"
	"net/url"
)

// Introspection is the state of a token or session (RFC 7662). If Active is false, the
// other fields are empty.
type Introspection struct {
	Active      bool     `json:"active"`
	Scope       string   `json:"scope"`    // the organisation's own permissions, separated by spaces
	Username    string   `json:"username"` // the owner's
	TokenType   string   `json:"token_type"`
	ExpiresAt   int64    `json:"exp"` // Unix seconds; 0: never
	IssuedAt    int64    `json:"iat"` // Unix seconds
	Subject     string   `json:"sub"` // the owner's id
	Issuer      string   `json:"iss"`
	ID          string   `json:"jti"` // the token's id
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`   // all of the token's permissions
	ExpiresAtMS int64    `json:"expires_at_ms"` // Unix milliseconds; 0: never
	Position    string   `json:"position"`      // in the feed; the answer includes all events up to it
}

// introspected is an answer of introspection. Without the field "active" it is another
// server's answer, and must not count as "not good".
type introspected struct {
	Introspection
	Active *bool `json:"active"`
}

func (i introspected) ours() bool { return i.Active != nil }

// Introspect returns the current state of the token or session with this secret. The
// caller needs introspect_tokens.
func (c *Client) Introspect(ctx context.Context, secret string) (Introspection, error) {
	in, err := result[introspected](ctx, c, call{
		method: http.MethodPost, path: "/oauth2/introspect", atRoot: true, in: url.Values{"token": {secret}}, reads: true,
	})
	if err != nil {
		return Introspection{}, err
	}
	in.Introspection.Active = *in.Active
	return in.Introspection, nil
}

// RevokeSecret revokes the token, or ends the session, with this secret (RFC 7009). It
// needs no permission: the secret is the proof. An unknown secret is no error.
func (c *Client) RevokeSecret(ctx context.Context, secret string) error {
	_, err := result[[]byte](ctx, c, call{method: http.MethodPost, path: "/oauth2/revoke", atRoot: true, in: url.Values{"token": {secret}}})
	return err
}
