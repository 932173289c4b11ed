package jeton

import "math"

// Sizes of a page, in rows.
const (
	DefaultPageSize = 60
	MaxPageSize     = 200
)

// Page names one page of a list.
type Page struct {
	Number int64 // from 0 on
	Size   int64 // rows; 0: none
}

// Offset returns the number of rows before the page, or math.MaxInt64 when that
// number is larger: such a page is beyond the end of every list.
func (p Page) Offset() int64 {
	if p.Size > 0 && p.Number > math.MaxInt64/p.Size {
		return math.MaxInt64
	}
	return p.Number * p.Size
}

// UserFilter selects users. The zero value selects all people.
type UserFilter struct {
	Active   *bool    // whether they are active; nil: both
	Role     string   // they have this role
	Roles    []string // they have any of these roles; empty: all
	Bots     bool     // bots too
	IDs      []string // nil: all
	Names    []string // usernames; nil: all
	Prefix   string   // in lower case: the username, a name, the nickname or the e-mail address begins with it
	NewerMS  int64    // changed after this time, in Unix milliseconds; 0: all
	ByCreate bool     // order by creation, not by username

	// No user has a team, so the store does not look at these. They name what the actor
	// asks for, and so the permission that it needs.
	WithoutTeam             bool     // users without a team
	ByTeam                  bool     // users by a team or a channel, in it or not
	TeamRoles, ChannelRoles []string // those who have any of these roles there
}

// selects reports whether the filter may have to look at many users to find few.
func (f UserFilter) selects() bool {
	return f.Prefix != "" || f.IDs != nil || f.Names != nil || f.Role != "" || len(f.Roles) > 0 || f.Active != nil || f.NewerMS != 0 || !f.Bots
}

// BotFilter selects bots.
type BotFilter struct {
	OwnerID        string // empty: of all owners
	IncludeDeleted bool   // disabled bots too
	OnlyOrphaned   bool   // only bots whose owner is deactivated
}

// EventFilter selects events of the journal: those that meet all conditions. The zero
// value selects all.
type EventFilter struct {
	Actor   string // the id of the user that acted; empty: any
	Owner   string // the id of the user whose credentials the event concerns; empty: any
	Target  string // the id of what was changed, or aimed at; empty: any
	Action  Action // empty: any
	Refused *bool  // nil: changes and refusals
}

// selects reports whether the filter may have to look at many events to find few.
func (f EventFilter) selects() bool {
	return f.Action != "" || f.Refused != nil || f.Actor != "" && f.Owner+f.Target != ""
}
