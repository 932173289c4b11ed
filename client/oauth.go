package client

import (
	"context"
	"net/http"
	"net/url"
)

// Introspection is what a secret opens (RFC 7662). Of one that opens nothing only
// Active says anything.
type Introspection struct {
	Active      bool     `json:"active"`
	Scope       string   `json:"scope"`    // the organisation's own permissions, with a space between
	Username    string   `json:"username"` // of the owner
	TokenType   string   `json:"token_type"`
	ExpiresAt   int64    `json:"exp"` // Unix seconds; 0: never
	IssuedAt    int64    `json:"iat"` // Unix seconds
	Subject     string   `json:"sub"` // the owner's id
	Issuer      string   `json:"iss"`
	ID          string   `json:"jti"` // the token's id
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`   // all that it may do
	ExpiresAtMS int64    `json:"expires_at_ms"` // Unix milliseconds; 0: never
	Position    string   `json:"position"`      // of the feed; the answer is no older
}

// introspected is an answer of introspection. It says whether the token is good:
// what any other server answers must not be taken for "no".
type introspected struct {
	Introspection
	Active *bool `json:"active"`
}

func (i introspected) ours() bool { return i.Active != nil }

// Introspect returns what a secret opens now. The caller needs introspect_tokens.
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

// RevokeSecret ends what a secret opens: who has it may (RFC 7009). A secret that
// opens nothing is no error.
func (c *Client) RevokeSecret(ctx context.Context, secret string) error {
	_, err := result[[]byte](ctx, c, call{method: http.MethodPost, path: "/oauth2/revoke", atRoot: true, in: url.Values{"token": {secret}}})
	return err
}
