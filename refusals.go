package jeton

import (
	"slices"
	"sync"
	"time"
)

const (
	maxRefusals      = 10_000 // lines held at once
	reservedRefusals = 4_000  // of these, only for known actors

	refusalsMinute = int64(time.Minute / time.Millisecond)
	refusalsBatch  = 64 // lines in one call of note

	refusalsEnd   = 3 * time.Second // how long Run waits at its end for the store to accept them
	refusalsPause = 20 * time.Millisecond
)

// refusals counts refused actions in lines of the journal: see refusalKey. The first
// refusal of a line goes to the journal at once; the others become one entry after the
// minute. Each refusal is counted in exactly one line, and so is in the journal at least
// as a number. Writing delays no request and changes no answer.
type refusals struct {
	// note passes events to the store. It returns how many of them, from the first on,
	// the store accepted.
	note   func(events ...Event) int
	limits Limits
	clock  Clock
	mu     sync.Mutex
	lines  map[refusalKey]*refusalLine
	stats  RefusalStats
}

// RefusalStats are counts since the start.
type RefusalStats struct {
	ByLine  [RefusalLines]int64 // refusals, by the kind of the line that counts them
	Pending int64               // refusals that are still to be passed to the store
}

// RefusalLine says what a line of the journal for refusals names.
type RefusalLine int

// The kinds of lines, in the order in which a refusal is tried on them.
const (
	RefusalOwn     RefusalLine = iota // the client (actor or network) and the account aimed at
	RefusalAccount                    // the account: refusals of many clients
	RefusalClient                     // the client: refusals on many accounts
	RefusalRest                       // neither: only their number

	RefusalLines // their number
)

// refusalKey identifies a line. What a line of its kind does not name is empty.
type refusalKey struct {
	client  string // the actor's id, or the network if there is no actor
	action  Action
	account string // aimed at; empty also when it is unknown
	minute  int64
}

func newRefusals(note func(events ...Event) int, limits Limits, clock Clock) *refusals {
	return &refusals{note: note, limits: limits, clock: clock, lines: map[refusalKey]*refusalLine{}}
}

// count counts one refusal of an actor; target and owner are what it aimed at, as far as
// that is known.
func (r *refusals) count(a Actor, action Action, target, owner string) {
	if target == "" {
		target = owner
	}
	r.add(a.Network, Event{
		Actor: a.ID, Via: a.Via(), Action: action, Target: target, Detail: Detail{Owner: owner, Address: a.Address},
	})
}

// add counts one refusal. The event has the actor, the action and what it aimed at;
// network is the network of its address.
func (r *refusals) add(network string, e Event) {
	now := r.clock()
	e.At = now.UnixMilli()
	e.Detail.Refused = true
	r.mu.Lock()
	defer r.mu.Unlock()
	for kind, key := range keysOf(network, e) {
		line, known := r.lines[key]
		switch {
		case RefusalLine(kind) == RefusalAccount && key.account == "": // no account is known
			continue
		case known:
			line.join(network, e)
		case r.mayBegin(RefusalLine(kind), network, e, now):
			r.begin(key, network, e)
		default:
			continue
		}
		r.stats.ByLine[kind]++
		return
	}
}

// keysOf returns the lines that a refusal can be counted in, by their kind.
func keysOf(network string, e Event) [RefusalLines]refusalKey {
	client, account, minute := e.Actor, e.Detail.Owner, e.At/refusalsMinute
	if client == "" {
		client = network
	}
	if account == "" {
		account = e.Target
	}
	return [...]refusalKey{
		RefusalOwn: {client, e.Action, account, minute}, RefusalAccount: {"", e.Action, account, minute},
		RefusalClient: {client, e.Action, "", minute}, RefusalRest: {"", e.Action, "", minute},
	}
}

// mayBegin reports whether a refusal may begin a line. Nothing limits the lines of the
// last kind: there is one for each action.
func (r *refusals) mayBegin(kind RefusalLine, network string, e Event, now time.Time) bool {
	room := maxRefusals
	if e.Actor == "" {
		room -= reservedRefusals
	}
	return kind == RefusalRest || len(r.lines) < room && r.limits.Refusal(kind, e.Actor, network, now)
}

// begin adds a line with its first refusal.
func (r *refusals) begin(key refusalKey, network string, e Event) {
	line := &refusalLine{event: e, network: network}
	if r.note(e) == 0 {
		line.event.Detail.Count = 1
	}
	r.lines[key] = line
}

// flush passes the counts of past minutes to the store; all: of the current one, too. It
// returns the number of lines that the store did not accept. They are kept, and are not
// more for an older minute than for the last one.
func (r *refusals) flush(all bool) (left int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	minute := r.clock().UnixMilli() / refusalsMinute
	var keys []refusalKey
	var events []Event
	for key, line := range r.lines {
		switch {
		case !all && key.minute == minute:
		case line.event.Detail.Count == 0:
			delete(r.lines, key)
		default:
			keys, events = append(keys, key), append(events, line.entry())
		}
	}
	accepted := 0
	for batch := range slices.Chunk(events, refusalsBatch) {
		n := r.note(batch...)
		if accepted += n; n < len(batch) {
			break
		}
	}
	for _, key := range keys[:accepted] {
		delete(r.lines, key)
	}
	for _, key := range keys[accepted:] {
		r.keep(key, minute-1)
	}
	return len(keys) - accepted
}

// end passes all counts to the store, and waits for it to accept them, at most for a time.
func (r *refusals) end(wait time.Duration) {
	late := time.NewTimer(wait)
	defer late.Stop()
	again := time.NewTicker(refusalsPause)
	defer again.Stop()
	for r.flush(true) > 0 {
		select {
		case <-late.C:
			return
		case <-again.C:
		}
	}
}

// keep moves a line of a minute before the given one to that minute, and adds its count to
// that of a line there: while nothing can be written, there are no more lines than two
// minutes have.
func (r *refusals) keep(key refusalKey, minute int64) {
	if key.minute >= minute {
		return
	}
	line := r.lines[key]
	delete(r.lines, key)
	key.minute = minute
	if later, ok := r.lines[key]; ok {
		later.merge(line)
	} else {
		r.lines[key] = line
	}
}

// read returns the counts.
func (r *refusals) read() RefusalStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.stats
	for _, line := range r.lines {
		stats.Pending += int64(line.event.Detail.Count)
	}
	return stats
}
