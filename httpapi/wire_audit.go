package httpapi

import (
	"fmt"
	"strings"

	"jeton"
)

// auditJSON follows model.Audit, and adds the position in the journal, the target, its
// owner, the changes and the credential used.
type auditJSON struct {
	ID        string              `json:"id"`
	Position  int64               `json:"position"`
	CreateAt  int64               `json:"create_at"`
	UserID    string              `json:"user_id"`
	Action    string              `json:"action"`
	ExtraInfo string              `json:"extra_info"`
	IPAddress string              `json:"ip_address"`
	SessionID string              `json:"session_id"`
	Via       string              `json:"via"`
	Target    string              `json:"target"`
	Owner     string              `json:"owner"`
	Also      []string            `json:"also,omitempty"`
	Refused   bool                `json:"refused"`
	Count     int                 `json:"count"`
	Changes   []jeton.FieldChange `json:"changes"`
}

func wireAudit(e jeton.Event) auditJSON {
	return auditJSON{
		ID: fmt.Sprintf("%026d", e.Position), Position: e.Position, CreateAt: e.At, UserID: e.Actor, Action: string(e.Action),
		ExtraInfo: extraInfo(e.Detail), IPAddress: e.Detail.Address, SessionID: jeton.ViaID(e.Via),
		Via: e.Via, Target: e.Target, Owner: e.Detail.Owner, Also: e.Detail.Also, Refused: e.Detail.Refused, Count: max(1, e.Detail.Count),
		Changes: append([]jeton.FieldChange{}, e.Detail.Changes...),
	}
}

// maxExtraInfo is the size of Mattermost's column, in bytes.
const maxExtraInfo = 1024

// extraInfo returns the note and the changes as one text, for clients that know no other
// field.
func extraInfo(d jeton.Detail) string {
	parts := make([]string, 0, 1+len(d.Changes))
	if d.Note != "" {
		parts = append(parts, d.Note)
	}
	for _, c := range d.Changes {
		text := c.Field
		if c.Old != "" || c.New != "" {
			text = fmt.Sprintf("%s old=%q new=%q", c.Field, c.Old, c.New)
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, "; ")
	if len(text) > maxExtraInfo {
		const mark = "…"
		text = strings.ToValidUTF8(text[:maxExtraInfo-len(mark)], "") + mark
	}
	return text
}
