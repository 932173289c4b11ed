package jeton

import (
	"sync"
	"time"
)

const (
	maxRefusals    = 10_000 // who, what and when kept at once; beyond, all others are counted as one
	refusalsMinute = int64(time.Minute / time.Millisecond)
)

// refusals counts what was refused, per actor (or address, where nobody is
// known), action and minute. The first of each is written to the journal at
// once, the others as one line when the minute is over. Writing never delays a
// request and never changes an answer.
type refusals struct {
	store Store
	clock Clock
	mu    sync.Mutex
	seen  map[refusalKey]*Event
}

type refusalKey struct {
	who    string
	action Action
	minute int64
}

func newRefusals(store Store, clock Clock) *refusals {
	return &refusals{store: store, clock: clock, seen: map[refusalKey]*Event{}}
}

// count takes in one refusal of an actor.
func (r *refusals) count(a Actor, action Action) {
	r.add(Event{Actor: a.ID, Via: a.Via(), Action: action, Detail: Detail{Address: a.Address}})
}

func (r *refusals) add(e Event) {
	e.At = r.clock().UnixMilli()
	e.Detail.Refused = true
	who := e.Actor
	if who == "" {
		who = e.Detail.Address
	}
	key := refusalKey{who, e.Action, e.At / refusalsMinute}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.seen[key]; !ok && len(r.seen) >= maxRefusals {
		key.who = ""
		e = Event{At: e.At, Action: e.Action, Detail: Detail{Refused: true, Note: "by many"}}
	}
	if more, ok := r.seen[key]; ok {
		more.Detail.Count++
		return
	}
	r.store.Note(e)
	r.seen[key] = &e
}

// flush writes the counts of the minutes that are over; all: of every minute.
func (r *refusals) flush(all bool) {
	minute := r.clock().UnixMilli() / refusalsMinute
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, e := range r.seen {
		if !all && key.minute == minute {
			continue
		}
		if e.Detail.Count > 0 {
			r.store.Note(*e)
		}
		delete(r.seen, key)
	}
}
