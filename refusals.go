package jeton

import (
	"slices"
	"sync"
	"time"
)

const (
	maxRefusals    = 10_000 // lines counted at once; beyond, all others are counted as one
	refusalsMinute = int64(time.Minute / time.Millisecond)
	refusalsBatch  = 64 // lines handed to the store in one call
)

// refusals counts what was refused, by actor (or network, where the actor is not
// known), action and minute. The first of each goes to the journal at once, the
// others as one line when the minute is over. Writing never delays a request and
// never changes an answer.
type refusals struct {
	// note hands events to the store and returns how many of them it took, from the
	// first on.
	note   func(events ...Event) int
	limits Limits
	clock  Clock
	mu     sync.Mutex
	seen   map[refusalKey]*refusalLine
}

// refusalLine is one line of the journal in the making.
type refusalLine struct {
	event   Event // Detail.Count: how many refusals are still to be written
	network string
}

// join counts one more refusal. The line then says only what is true of all.
func (l *refusalLine) join(network string, e Event) {
	l.event.Detail.Count++
	if l.event.Detail.Address != e.Detail.Address {
		l.event.Detail.Address = network
	}
	if l.network != network {
		l.network, l.event.Detail.Address = "", ""
	}
	if l.event.Target != e.Target {
		l.event.Target = ""
	}
	if l.event.Via != e.Via {
		l.event.Via = ""
	}
}

// refusalKey is what is counted as one. Without an actor and a network it stands
// for all that found no room.
type refusalKey struct {
	actor   string // or the network, where there is none
	action  Action
	minute  int64
	network string // set only where the network has more lines than its limit
}

// byMany is the note of a line that stands for several actors.
const byMany = "by many"

func newRefusals(note func(events ...Event) int, limits Limits, clock Clock) *refusals {
	return &refusals{note: note, limits: limits, clock: clock, seen: map[refusalKey]*refusalLine{}}
}

// count counts one refusal of an actor.
func (r *refusals) count(a Actor, action Action) {
	r.add(a.Network, Event{Actor: a.ID, Via: a.Via(), Action: action, Detail: Detail{Address: a.Address}})
}

// add counts one refusal. The event says who was refused what; the network is the
// one of its address.
func (r *refusals) add(network string, e Event) {
	now := r.clock()
	e.At = now.UnixMilli()
	e.Detail.Refused = true
	key := refusalKey{actor: e.Actor, action: e.Action, minute: e.At / refusalsMinute}
	if key.actor == "" {
		key.actor = network
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	line, known := r.seen[key]
	if !known {
		key, e = r.bounded(key, e, network, now)
		line, known = r.seen[key]
	}
	if known {
		line.join(network, e)
		return
	}
	if r.note(e) == 0 {
		e.Detail.Count = 1
	}
	r.seen[key] = &refusalLine{e, network}
}

// bounded returns what a new line is counted as: itself, or one with others, where
// its network or all networks have too many.
func (r *refusals) bounded(key refusalKey, e Event, network string, now time.Time) (refusalKey, Event) {
	many := Event{At: e.At, Action: e.Action, Detail: Detail{Refused: true, Note: byMany}}
	switch {
	case len(r.seen) >= maxRefusals:
		return refusalKey{action: key.action, minute: key.minute}, many
	case !r.limits.Refusal(network, now):
		many.Detail.Address = network
		return refusalKey{action: key.action, minute: key.minute, network: network}, many
	}
	return key, e
}

// flush writes the counts of the minutes that are over; all: of every minute. What
// the store does not take is counted on with the present minute.
func (r *refusals) flush(all bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	minute := r.clock().UnixMilli() / refusalsMinute
	var keys []refusalKey
	var events []Event
	for key, line := range r.seen {
		switch {
		case !all && key.minute == minute:
		case line.event.Detail.Count == 0:
			delete(r.seen, key)
		default:
			keys, events = append(keys, key), append(events, line.event)
		}
	}
	taken := 0
	for batch := range slices.Chunk(events, refusalsBatch) {
		n := r.note(batch...)
		if taken += n; n < len(batch) {
			break
		}
	}
	for i, key := range keys {
		line := r.seen[key]
		delete(r.seen, key)
		if i >= taken {
			r.countOn(key, line, minute)
		}
	}
}

// countOn moves a line to another minute.
func (r *refusals) countOn(key refusalKey, line *refusalLine, minute int64) {
	key.minute = minute
	if later, ok := r.seen[key]; ok {
		count := later.event.Detail.Count + line.event.Detail.Count
		later.join(line.network, line.event)
		later.event.Detail.Count = count
		return
	}
	r.seen[key] = line
}
