package client

import "context"

// TokenUses holds the time and address of a token's last use, and the number of uses on
// each day. It may lag by half a minute.
type TokenUses struct {
	TokenID    string    `json:"token_id"`
	LastUsedAt int64     `json:"last_used_at"` // Unix milliseconds; 0: never
	Address    string    `json:"address"`      // the client's address at the last use with a known address; empty: none
	Days       []UsesDay `json:"days"`         // the days with a use, the newest first; stored for 90 days
}

// UsesDay counts the requests that a token authenticated on a day.
type UsesDay struct {
	Day  string `json:"day"` // as 2006-01-02, in UTC
	Uses int64  `json:"uses"`
}

// TokenUses returns the uses of a token.
func (c *Client) TokenUses(ctx context.Context, id string) (TokenUses, error) {
	return get[TokenUses](ctx, c, "/users/tokens/"+escaped(id)+"/uses")
}
