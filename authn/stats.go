package authn

import (
	"math"
	"sync/atomic"
	"time"

	"jeton"
)

// Stats is what a cache can say of how it does.
type Stats struct {
	// Hits and Misses are look-ups of credentials since the cache was made: answered
	// from memory, or not. They are counted with Options.Count only.
	Hits, Misses int64
	// Age is the time since the read of the journal was sent that all answers from
	// memory rest on; the longest duration there is where none was.
	Age     time.Duration
	Heard   bool  // the lease holds: answers may come from memory
	Waiting int64 // who waits for Changes now
}

// Stats says how the cache does. It asks memory alone.
func (c *Cache) Stats() Stats {
	sent, now := c.lease.sent.Load(), c.clock()
	s := Stats{Age: math.MaxInt64, Heard: c.lease.holds(now), Waiting: c.follower.waiting.Load()}
	if sent != nil {
		s.Age = max(0, now.Sub(*sent))
	}
	if c.counts != nil {
		s.Hits, s.Misses = c.counts.hits.Load(), c.counts.misses.Load()
	}
	return s
}

// counts is written by every request, so it stays away from what every request
// reads.
type counts struct {
	hits   atomic.Int64
	_      [56]byte
	misses atomic.Int64
	_      [56]byte
}

func newCounts(wanted bool) *counts {
	if !wanted {
		return nil
	}
	return &counts{}
}

// look counts one look-up; on nil it does nothing.
func (c *counts) look(hit bool) {
	switch {
	case c == nil:
	case hit:
		c.hits.Add(1)
	default:
		c.misses.Add(1)
	}
}

// tellApplied tells the observer how long after it was made an event was applied,
// as far as the clocks of two machines can say.
func (c *Cache) tellApplied(e jeton.Event, here bool) {
	if c.observer != nil && !effectOf(e).none {
		c.observer(here, max(0, c.clock().Sub(time.UnixMilli(e.At))))
	}
}

// Dropped returns for how many uses there was no room, since u was made.
func (u *Uses) Dropped() int64 { return u.dropped.Load() }
