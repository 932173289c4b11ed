package authn

import (
	"context"
	"strings"
	"sync"
	"time"

	"jeton"
)

const (
	followBatch    = 1000 // events read at once
	pollsPerLease  = 4
	followAttempts = 1000 // batches of one poll; the rest waits for the next
)

// follower is where this node stands in the journal.
type follower struct {
	mu      sync.Mutex
	started bool
	head    jeton.Head
	own     map[int64]bool // positions of this node's events, applied already, not met yet
}

// Apply takes in an event of this node, before its answer is sent: what was
// remembered of what it changed counts no longer.
func (c *Cache) Apply(e jeton.Event) {
	c.touch(e)
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	if c.follower.started && e.Position > c.follower.head.Position {
		c.follower.own[e.Position] = true
	}
}

func (c *Cache) touch(e jeton.Event) {
	switch {
	case e.Detail.Refused || e.Action == jeton.TokenCreate:
		return // nothing that was known has changed; a new session may have pushed an old one out
	case strings.HasPrefix(string(e.Action), "role."):
		c.marks.touch(rolesMark)
	case e.Detail.Owner == "":
		c.marks.touchAll()
	case len(e.Detail.Also) > 0:
		c.marks.touch(append(e.Detail.Also, e.Detail.Owner)...)
	default:
		c.marks.touch(e.Detail.Owner)
	}
}

// Run follows the journal until ctx ends, so that changes made elsewhere (by
// another node, or by a tool on the server's machine) are heard of within a
// quarter of the lease.
func (c *Cache) Run(ctx context.Context) {
	tick := time.NewTicker(c.lease.length / pollsPerLease)
	defer tick.Stop()
	failing := false
	for {
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
		}
	}
}

// Follow reads the journal once, to its end, applies what is new and renews the
// lease. Run calls it; tests and start-up may.
func (c *Cache) Follow(ctx context.Context) error {
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
	c.lease.renew(sent)
	return nil
}

// takeIn applies the events that are not this node's own and moves on.
func (c *Cache) takeIn(events []jeton.Event, now, head jeton.Head) jeton.Head {
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	c.follower.head = jeton.Head{Epoch: now.Epoch, Position: head.Position}
	for _, e := range events {
		if !c.follower.own[e.Position] {
			c.touch(e)
		}
		delete(c.follower.own, e.Position)
		c.follower.head.Position = e.Position
	}
	return c.follower.head
}
