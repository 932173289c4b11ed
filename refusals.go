package jeton

import (
	"slices"
	"sync"
	"time"
)

const (
	maxRefusals    = 10_000 // lines counted at once; further refusals share one line for each action and minute
	refusalsMinute = int64(time.Minute / time.Millisecond)
	refusalsBatch  = 64 // lines in one call of note
)

// refusals counts refused actions by actor (by network, if there is no actor), action and
// minute. The first refusal goes to the journal at once; the others become one line after
// the minute. Writing delays no request and changes no answer.
type refusals struct {
	// note passes events to the store. It returns how many of them, from the first on,
	// the store accepted.
	note   func(events ...Event) int
	limits Limits
	clock  Clock
	mu     sync.Mutex
	seen   map[refusalKey]*refusalLine
}

// refusalLine is a line of the journal that is not written yet.
type refusalLine struct {
	event   Event // Detail.Count: how many refusals are still to be written
	network string
}

// join counts one more refusal, and clears the fields in which it differs from the others.
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

// refusalKey identifies a line. A key with neither actor nor network is the line of all
// refusals beyond maxRefusals.
type refusalKey struct {
	actor   string // the actor's id, or the network if there is no actor
	action  Action
	minute  int64
	network string // set only if the network has more lines than its limit
}

// byMany is the note of a line that counts refusals of several actors.
const byMany = "by many"

func newRefusals(note func(events ...Event) int, limits Limits, clock Clock) *refusals {
	return &refusals{note: note, limits: limits, clock: clock, seen: map[refusalKey]*refusalLine{}}
}

// count counts one refusal of an actor.
func (r *refusals) count(a Actor, action Action) {
	r.add(a.Network, Event{Actor: a.ID, Via: a.Via(), Action: action, Detail: Detail{Address: a.Address}})
}

// add counts one refusal. The event has the actor and the action; network is the network
// of its address.
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

// bounded returns the key and event of a new line: the given ones, or those of a shared
// line if there are too many lines, of its network or in all.
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

// flush writes the counts of past minutes; all: of the current one, too. Counts that the
// store does not accept move to the current minute.
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
	accepted := 0
	for batch := range slices.Chunk(events, refusalsBatch) {
		n := r.note(batch...)
		if accepted += n; n < len(batch) {
			break
		}
	}
	for i, key := range keys {
		line := r.seen[key]
		delete(r.seen, key)
		if i >= accepted {
			r.moveTo(key, line, minute)
		}
	}
}

// moveTo moves a line to another minute, and adds its count to that of a line there.
func (r *refusals) moveTo(key refusalKey, line *refusalLine, minute int64) {
	key.minute = minute
	if later, ok := r.seen[key]; ok {
		count := later.event.Detail.Count + line.event.Detail.Count
		later.join(line.network, line.event)
		later.event.Detail.Count = count
		return
	}
	r.seen[key] = line
}
