package client

import (
	"context"
	"net/http"
)

// Token is a user access token: the record. Only the answer of CreateToken holds the
// secret. Times are Unix milliseconds.
type Token struct {
	ID          string   `json:"id"`
	Secret      Secret   `json:"token,omitempty"` // only in the answer of CreateToken
	UserID      string   `json:"user_id"`         // the owner
	Description string   `json:"description"`
	IsActive    bool     `json:"is_active"`
	ExpiresAt   int64    `json:"expires_at"` // 0: never
	CreateAt    int64    `json:"create_at"`
	LastUsedAt  int64    `json:"last_used_at"` // 0: never
	Scopes      []string `json:"scopes"`       // nil: not narrowed; empty: no permissions
	CreatedBy   string   `json:"created_by"`   // the id of the user who created the token
	Hint        string   `json:"hint"`         // the secret's last four characters
}

func (t Token) ours() bool { return t.ID != "" }

// NewToken holds the fields of a token to create.
type NewToken struct {
	Description string   `json:"description"` // at most 255 characters
	ExpiresAt   int64    `json:"expires_at"`  // Unix milliseconds; 0: never
	Scopes      []string `json:"scopes"`      // nil: all of the owner's permissions
}

// Followed counts the other tokens that a change of a token concerned.
type Followed struct {
	Followed int `json:"followed"` // tokens made by this token for the same owner, revoked or disabled with it
	Kept     int `json:"kept"`     // tokens made by this token for other owners, which stay
}

type changed struct {
	status
	Followed
}

type tokenID struct {
	ID string `json:"token_id"`
}

// CreateToken creates a token of a user (or Me). No other answer ever holds the secret.
func (c *Client) CreateToken(ctx context.Context, userID string, in NewToken) (Token, error) {
	t, err := post[Token](ctx, c, "/users/"+escaped(userID)+"/tokens", in)
	if err == nil && t.Secret == "" {
		return Token{}, &Error{Status: http.StatusOK}
	}
	return t, err
}

// Token returns a token.
func (c *Client) Token(ctx context.Context, id string) (Token, error) {
	return get[Token](ctx, c, "/users/tokens/"+escaped(id))
}

// Tokens lists all tokens, from the oldest to the newest.
func (c *Client) Tokens(ctx context.Context, p Page) (List[Token], error) {
	return list[Token](ctx, c, "/users/tokens", p, nil)
}

// TokensOf lists a user's tokens, from the oldest to the newest.
func (c *Client) TokensOf(ctx context.Context, userID string, p Page) (List[Token], error) {
	return list[Token](ctx, c, "/users/"+escaped(userID)+"/tokens", p, nil)
}

// SearchTokens returns the tokens whose id, owner's id or owner's username equals the
// term.
func (c *Client) SearchTokens(ctx context.Context, term string) ([]Token, error) {
	in := struct {
		Term string `json:"term"`
	}{term}
	return ask[[]Token](ctx, c, "/users/tokens/search", in)
}

// RevokeToken revokes a token permanently. Once it returns, the node that answered no
// longer accepts the secret.
func (c *Client) RevokeToken(ctx context.Context, id string) (Followed, error) {
	return c.changeToken(ctx, "revoke", id)
}

// DisableToken disables a token until EnableToken enables it.
func (c *Client) DisableToken(ctx context.Context, id string) (Followed, error) {
	return c.changeToken(ctx, "disable", id)
}

// EnableToken enables a disabled token.
func (c *Client) EnableToken(ctx context.Context, id string) error {
	_, err := c.changeToken(ctx, "enable", id)
	return err
}

func (c *Client) changeToken(ctx context.Context, verb, id string) (Followed, error) {
	out, err := post[changed](ctx, c, "/users/tokens/"+verb, tokenID{id})
	return out.Followed, err
}
