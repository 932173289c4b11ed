package client

import "context"

// Audit is one line of the journal: a change or a refusal.
type Audit struct {
	ID        string `json:"id"`        // the position, with leading zeros
	CreateAt  int64  `json:"create_at"` // Unix milliseconds
	UserID    string `json:"user_id"`   // the actor's user; "local": a command on the server's machine; empty: unknown
	Action    string `json:"action"`    // such as "token.revoke"
	ExtraInfo string `json:"extra_info"`
	IPAddress string `json:"ip_address"`
	SessionID string `json:"session_id"` // the id of the token or session that the actor used
	Via       string `json:"via"`        // the same as "token:ID" or "session:ID"
	Target    string `json:"target"`     // the changed record's id
	Owner     string `json:"owner"`      // the user whose credentials the change concerns
	Refused   bool   `json:"refused"`
	Count     int    `json:"count"` // the number of refusals that the line stands for
}

// Audits lists the journal, from the newest line to the oldest.
func (c *Client) Audits(ctx context.Context, p Page) (List[Audit], error) {
	return list[Audit](ctx, c, "/audits", p, nil)
}

// AuditsOf lists one user's changes and refusals, from the newest line to the oldest.
func (c *Client) AuditsOf(ctx context.Context, userID string, p Page) (List[Audit], error) {
	return list[Audit](ctx, c, "/users/"+escaped(userID)+"/audits", p, nil)
}
