package client

import (
	"context"
	"net/url"
	"strconv"
)

// Audit is one line of the journal: a change or a refusal.
type Audit struct {
	ID        string        `json:"id"` // the position, with leading zeros
	Position  int64         `json:"position"`
	CreateAt  int64         `json:"create_at"`  // Unix milliseconds
	UserID    string        `json:"user_id"`    // the actor's user; "local": a command on the server's machine; empty: unknown
	Action    string        `json:"action"`     // such as "token.revoke"
	ExtraInfo string        `json:"extra_info"` // a note, and the changes as text
	IPAddress string        `json:"ip_address"`
	SessionID string        `json:"session_id"`     // the id of the token or session that the actor used
	Via       string        `json:"via"`            // the same as "token:ID" or "session:ID"
	Target    string        `json:"target"`         // the id of what was changed, or aimed at
	Owner     string        `json:"owner"`          // the user whose credentials the line concerns
	Also      []string      `json:"also,omitempty"` // further users whose credentials it concerns, such as the bots of a user
	Refused   bool          `json:"refused"`
	Count     int           `json:"count"` // the number of refusals that the line stands for
	Changes   []FieldChange `json:"changes"`
}

// FieldChange is one field that a change changed. A list is its items with a space
// between; of a role's permissions, Old has those that were removed, and New those that
// were added. For a password both are empty.
type FieldChange struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// AuditFilter selects lines of the journal: those that meet all conditions.
type AuditFilter struct {
	Target  string // the id of what was changed, or aimed at; empty: any
	Owner   string // the id of the user whose credentials the line concerns; empty: any
	Action  string // such as "token.revoke"; empty: any
	Refused *bool  // nil: changes and refusals
}

func (f AuditFilter) query() url.Values {
	v := url.Values{}
	for name, value := range map[string]string{"target": f.Target, "owner": f.Owner, "action": f.Action} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if f.Refused != nil {
		v.Set("refused", strconv.FormatBool(*f.Refused))
	}
	return v
}

// Audits lists the journal, from the newest line to the oldest.
func (c *Client) Audits(ctx context.Context, p Page) (List[Audit], error) {
	return c.FindAudits(ctx, AuditFilter{}, p)
}

// FindAudits lists the lines of the journal that a filter selects, from the newest to the
// oldest.
func (c *Client) FindAudits(ctx context.Context, f AuditFilter, p Page) (List[Audit], error) {
	return list[Audit](ctx, c, "/audits", p, f.query())
}

// AuditsOf lists one user's changes and refusals, from the newest line to the oldest.
func (c *Client) AuditsOf(ctx context.Context, userID string, p Page) (List[Audit], error) {
	return c.FindAuditsOf(ctx, userID, AuditFilter{}, p)
}

// FindAuditsOf is AuditsOf for the lines that a filter selects.
func (c *Client) FindAuditsOf(ctx context.Context, userID string, f AuditFilter, p Page) (List[Audit], error) {
	return list[Audit](ctx, c, "/users/"+escaped(userID)+"/audits", p, f.query())
}

// AuditsAbout lists what concerns one user's account, as far as a filter selects it: what
// anyone changed or tried to change of it, and failed log-ins. The filter's Owner is not
// used.
func (c *Client) AuditsAbout(ctx context.Context, userID string, f AuditFilter, p Page) (List[Audit], error) {
	v := f.query()
	v.Set("about", "true")
	v.Del("owner")
	return list[Audit](ctx, c, "/users/"+escaped(userID)+"/audits", p, v)
}
