package client

import "context"

// TokenUses is when and from where a token was last used, and how often on each
// day. What is newest may lag by half a minute.
type TokenUses struct {
	TokenID    string    `json:"token_id"`
	LastUsedAt int64     `json:"last_used_at"` // Unix milliseconds; 0: never
	Address    string    `json:"address"`      // of the client, at the last use of which it is known; empty: of none
	Days       []UsesDay `json:"days"`         // with any use, the newest first; kept for 90 days
}

// UsesDay counts the requests that a token opened on a day.
type UsesDay struct {
	Day  string `json:"day"` // as 2006-01-02, in UTC
	Uses int64  `json:"uses"`
}

// TokenUses returns how a token was used.
func (c *Client) TokenUses(ctx context.Context, id string) (TokenUses, error) {
	return get[TokenUses](ctx, c, "/users/tokens/"+escaped(id)+"/uses")
}
