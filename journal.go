package jeton

import "strconv"

// Event is one line of the journal: who did what to what. Every change has
// exactly one, written in the change's own transaction.
type Event struct {
	Position int64  // given by the store: the order of commits
	At       int64  // Unix milliseconds
	Actor    string // user id, ActorLocal, or empty for nobody known
	Via      string // the token or session the actor came by, as "token:ID" or "session:ID"
	Action   Action
	Target   string // the id of what was changed
	Detail   Detail
}

// ActorLocal is the actor of what is done on the server's own machine.
const ActorLocal = "local"

// Detail is the part of an event that differs from action to action. It holds no
// secret, and no text that a stranger chose.
type Detail struct {
	Owner   string   `json:"owner,omitempty"`   // the user whose credentials the event may change
	Also    []string `json:"also,omitempty"`    // further users that it changes likewise
	Address string   `json:"address,omitempty"` // where the request came from
	Refused bool     `json:"refused,omitempty"` // nothing was changed: the access table or the guard said no
	Count   int      `json:"count,omitempty"`   // how many the line stands for; 0 is one
	Note    string   `json:"note,omitempty"`    // what else an auditor would ask: role names, a count
}

// EventFilter says which events are read: all, or one actor's.
type EventFilter struct {
	Actor string // empty: everybody's
}

// Head is where the journal stands.
type Head struct {
	Epoch    string // changes when positions start to mean something else
	Position int64  // of the last event; 0: none
}

// Receipt is the position of a change in the journal: the answer to a change states
// it. Whoever has read the journal up to it knows of the change. A change that found
// nothing to do gives the position at which that was true.
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
