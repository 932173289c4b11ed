package jeton

import "strconv"

// Event is one entry of the journal: an actor, an action and its target. Every change
// has exactly one, written in the same transaction.
type Event struct {
	Position int64  // assigned by the store, in the order of commits
	At       int64  // Unix milliseconds
	Actor    string // a user's id, ActorLocal, or empty when the actor is unknown
	Via      string // the credential that the actor used, as Actor.Via writes it
	Action   Action
	Target   string // the id of what was changed
	Detail   Detail
}

// Detail is the part of an event that differs between actions. It contains no secret,
// and no text that an unauthenticated client chose.
type Detail struct {
	Owner   string   `json:"owner,omitempty"`   // the user whose credentials the event can change
	Also    []string `json:"also,omitempty"`    // further users whose credentials it can change
	Address string   `json:"address,omitempty"` // of the client
	Refused bool     `json:"refused,omitempty"` // nothing was changed: the access table or a rate limit refused
	Count   int      `json:"count,omitempty"`   // how many events the entry stands for; 0: one
	Note    string   `json:"note,omitempty"`    // more for the auditor: names of roles, a count
	// Changes are the fields that were changed, with their old and new values.
	Changes []FieldChange `json:"changes,omitempty"`
}

// FieldChange is one field that an event changed. A list is its items with a space
// between. No secret, password or hash is a value: for these both are empty.
type FieldChange struct {
	Field string `json:"field"` // as the API names it
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Head is the end of the journal.
type Head struct {
	Epoch    string // changes when positions no longer mean the same events
	Position int64  // of the last event; 0: none
}

// Receipt is the position of a change in the journal. The answer to a change states
// it. A node or cache that has read the journal up to it has applied the change. For
// a change that found nothing to do it is the position at which that was true.
type Receipt struct {
	Epoch    string
	Position int64
}

// String returns "EPOCH.NUMBER"; empty for the zero Receipt.
func (r Receipt) String() string {
	if r.Epoch == "" {
		return ""
	}
	return r.Epoch + "." + strconv.FormatInt(r.Position, 10)
}
