package limit

import (
	"sync"
	"time"

	"jeton"
)

// The rules of the lines that refusals add to the journal. The rules of one client keep it
// from using up the others, which bound the journal.
var (
	refusalLines        = Rule{Name: "refusals", Rate: Rate{200, time.Hour}}  // of one kind, of an actor or an unknown client's network
	refusalLinesOfUsers = Rule{Name: "refusals", Rate: Rate{1000, time.Hour}} // of all actors of a network

	refusalLinesMinute        = Rule{Name: "refusals", Rate: Rate{2000, time.Minute}, Refill: Window}
	refusalLinesDay           = Rule{Name: "refusals", Rate: Rate{50_000, 24 * time.Hour}}
	refusalLinesMinuteAccount = Rule{Name: "refusals", Rate: Rate{500, time.Minute}, Refill: Window}
	refusalLinesDayAccount    = Rule{Name: "refusals", Rate: Rate{20_000, 24 * time.Hour}}
)

// refusals bounds the lines of the journal for refusals.
type refusals struct {
	mu      sync.Mutex // makes the check of all limits and the taking of places atomic
	client  [jeton.RefusalLines]*Limiter
	users   *Limiter
	unknown total // of clients that are not known
	known   total // of known actors
	account total // of lines that name no client
}

// total bounds the lines of all clients.
type total struct{ minute, day *Limiter }

func newRefusals() *refusals {
	r := &refusals{
		users:   New(refusalLinesOfUsers),
		unknown: total{New(refusalLinesMinute), New(refusalLinesDay)},
		known:   total{New(refusalLinesMinute), New(refusalLinesDay)},
		account: total{New(refusalLinesMinuteAccount), New(refusalLinesDayAccount)},
	}
	for kind := range r.client {
		r.client[kind] = New(refusalLines)
	}
	return r
}

// Refusal implements jeton.Limits.
func (s *Service) Refusal(kind jeton.RefusalLine, actor, network string, now time.Time) bool {
	r := s.refusals
	client, of := network, r.unknown
	var users *Limiter
	if actor != "" {
		client, of, users = actor, r.known, r.users
	}
	if kind == jeton.RefusalAccount {
		of = r.account
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// Those of all clients come first: when they are used up, a flood from many networks
	// takes no memory.
	places := [...]struct {
		limit *Limiter
		key   string
	}{{of.minute, ""}, {of.day, ""}, {r.client[kind], client}, {users, network}}
	for _, p := range places {
		if p.limit.Wait(p.key, now) > 0 {
			return false
		}
	}
	for _, p := range places {
		p.limit.Take(p.key, now)
	}
	return true
}
