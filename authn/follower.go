package authn

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jeton"
)

const (
	followBatch    = 1000 // events read at once
	pollsPerLease  = 5    // a quarter of the lease is the promise, and the read itself takes time
	followAttempts = 1000 // batches of one poll; the rest waits for the next

	wakePause = 5 * time.Millisecond // from one reading of the journal to the next that a change here wakes
)

// follower is where this node stands in the journal.
type follower struct {
	reading sync.Mutex // one reads the journal at a time
	mu      sync.Mutex
	started bool
	head    jeton.Head
	own     map[int64]bool // positions of this node's events, applied already, not met yet
	backlog backlog
	news    chan struct{} // closed, and made anew, when something is taken in
	waiting atomic.Int64  // how many wait for news
	wake    chan struct{} // holds one when the journal should be read before the next tick
}

// Apply takes in an event of this node, before its answer is sent: what was
// remembered of what it changed counts no longer.
func (c *Cache) Apply(e jeton.Event) {
	c.touch(e)
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	ahead := e.Position > c.follower.head.Position
	if c.follower.started && ahead {
		c.follower.own[e.Position] = true
	}
	if !c.follower.started || ahead { // else it was met in the journal, and told of, already
		c.tellApplied(e, true)
	}
	if c.follower.waiting.Load() > 0 && !effectOf(e).none {
		c.follower.read()
	}
}

func (c *Cache) touch(e jeton.Event) {
	switch what := effectOf(e); {
	case what.none:
	case what.roles:
		c.marks.touch(rolesMark)
	case what.all:
		c.marks.touchAll()
	case len(what.also) > 0:
		c.marks.touch(append(what.also[:len(what.also):len(what.also)], what.owner)...)
	default:
		c.marks.touch(what.owner)
	}
}

// effect is what of the things that were known an event changes.
type effect struct {
	none  bool // nothing
	roles bool // what the roles grant
	all   bool // anybody may be meant
	owner string
	also  []string
}

func effectOf(e jeton.Event) effect {
	switch {
	case e.Detail.Refused || e.Action == jeton.TokenCreate:
		return effect{none: true} // a new session may have pushed an old one out
	case strings.HasPrefix(string(e.Action), "role."):
		return effect{roles: true}
	case e.Detail.Owner == "":
		return effect{all: true}
	}
	return effect{owner: e.Detail.Owner, also: e.Detail.Also}
}

// Run follows the journal until ctx ends, so that changes made elsewhere (by
// another node, or by a tool on the server's machine) are heard of within a
// quarter of the lease. A change made here is read at once while somebody waits for
// it (see Changes), but not more often than every wakePause.
func (c *Cache) Run(ctx context.Context) {
	tick := time.NewTicker(c.lease.length / pollsPerLease)
	defer tick.Stop()
	failing := false
	for {
		began := c.clock()
		err := c.Follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil != failing {
			failing = err != nil
			if failing {
				c.log.Warn("the journal cannot be read; every request asks the database until it can", "error", err)
			} else {
				c.log.Info("the journal can be read again")
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-c.follower.wake:
			if !pause(ctx, wakePause-c.clock().Sub(began)) {
				return
			}
		}
	}
}

// pause waits, if d is more than nothing; false: ctx ended meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// Follow reads the journal once, to its end, applies what is new and renews the
// lease. Run calls it; tests and start-up may.
func (c *Cache) Follow(ctx context.Context) error {
	c.follower.reading.Lock()
	defer c.follower.reading.Unlock()
	ctx, cancel := context.WithTimeout(ctx, c.lease.length)
	defer cancel()
	c.follower.mu.Lock()
	started, head := c.follower.started, c.follower.head
	c.follower.mu.Unlock()
	sent := c.clock()
	if !started {
		return c.begin(ctx, sent)
	}
	for range followAttempts {
		events, now, err := c.store.EventsAfter(ctx, head.Position, followBatch)
		if err != nil {
			return err
		}
		if now.Epoch != head.Epoch || now.Position < head.Position {
			return c.begin(ctx, sent) // positions mean something else now
		}
		head = c.takeIn(events, now, head)
		if len(events) < followBatch {
			c.lease.renew(sent)
			return nil
		}
	}
	return nil
}

// begin takes the journal's present end as the starting point: nothing that was
// remembered before counts.
func (c *Cache) begin(ctx context.Context, sent time.Time) error {
	head, err := c.store.Head(ctx)
	if err != nil {
		return err
	}
	c.marks.touchAll()
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	c.follower.started, c.follower.head = true, head
	clear(c.follower.own)
	c.follower.backlog = backlog{from: head.Position}
	c.lease.renew(sent)
	c.follower.tell()
	return nil
}

// takeIn applies the events that are not this node's own and moves on.
func (c *Cache) takeIn(events []jeton.Event, now, head jeton.Head) jeton.Head {
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	c.follower.head = jeton.Head{Epoch: now.Epoch, Position: head.Position}
	told := false
	for _, e := range events {
		if !c.follower.own[e.Position] {
			c.touch(e)
			c.tellApplied(e, false)
		}
		delete(c.follower.own, e.Position)
		c.follower.head.Position = e.Position
		told = c.follower.backlog.add(e) || told
	}
	if told {
		c.follower.tell()
	}
	return c.follower.head
}
