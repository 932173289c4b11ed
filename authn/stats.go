package authn

import (
	"math"
	"sync/atomic"
	"time"

	"jeton"
)

// Stats is the state of a cache.
type Stats struct {
	// Hits and Misses count the look-ups of credentials since New: from the cache, or
	// from the database. Both are 0 without Options.Count.
	Hits, Misses int64
	// Age is the time since the last completed read of the journal was sent;
	// math.MaxInt64 before the first.
	Age     time.Duration
	Fresh   bool  // the lease holds: the cache may be used
	Waiting int64 // callers of Changes that wait now
}

// Stats returns the state of the cache. It reads no database.
func (c *Cache) Stats() Stats {
	sent, now := c.lease.sent.Load(), c.clock()
	s := Stats{Age: math.MaxInt64, Fresh: c.lease.holds(now), Waiting: c.follower.waiting.Load()}
	if sent != nil {
		s.Age = max(0, now.Sub(*sent))
	}
	if c.counts != nil {
		s.Hits, s.Misses = c.counts.hits.Load(), c.counts.misses.Load()
	}
	return s
}

// counts is written by every request. The padding keeps the counters out of each other's
// cache lines, and out of those that every request reads.
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

// add counts one look-up. On nil it does nothing.
func (c *counts) add(hit bool) {
	switch {
	case c == nil:
	case hit:
		c.hits.Add(1)
	default:
		c.misses.Add(1)
	}
}

// observe calls Options.Applied for an event that changes cached entries. The duration
// compares the clocks of two machines if another node made the event.
func (c *Cache) observe(e jeton.Event, here bool) {
	if c.observer != nil && !effectOf(e).none {
		c.observer(here, max(0, c.clock().Sub(time.UnixMilli(e.At))))
	}
}

// Dropped returns how many uses were not counted since NewUses, because the buffer was full.
func (u *Uses) Dropped() int64 { return u.dropped.Load() }
