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
	followBatch      = 1000 // events in one read
	pollsPerLease    = 5    // a change must be applied within a quarter of the lease, and the read takes time
	maxFollowBatches = 1000 // of one Follow; the next one reads the rest

	pollPause = 5 * time.Millisecond // the least time between two polls if the second was requested
)

// follower is this node's state in the journal.
type follower struct {
	reading sync.Mutex // held during a read of the journal
	mu      sync.Mutex // guards the fields up to changed
	started bool
	head    jeton.Head     // the last position read
	pending map[int64]bool // positions of this node's events that are applied, but not yet read from the journal
	backlog backlog
	changed chan struct{} // closed and replaced when the backlog has grown or was reset
	waiting atomic.Int64  // callers of Changes that wait
	poll    chan struct{} // holds one request to read the journal before the next tick
}

// Apply applies an event of this node before its answer is sent: it invalidates the
// cached entries that the event changes.
func (c *Cache) Apply(e jeton.Event) {
	c.invalidate(e)
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	unread := e.Position > c.follower.head.Position
	if c.follower.started && unread {
		c.follower.pending[e.Position] = true
	}
	if !c.follower.started || unread { // else Follow has read the event and called observe
		c.observe(e, true)
	}
	if c.follower.waiting.Load() > 0 && !effectOf(e).none {
		c.follower.requestPoll()
	}
}

// invalidate marks what an event changed, so that entries read before it are not used.
func (c *Cache) invalidate(e jeton.Event) {
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

// effect is what an event changes of the cached entries.
type effect struct {
	none  bool // nothing
	roles bool // the permissions of roles
	all   bool // entries of any owner
	owner string
	also  []string // other owners
}

// effectOf returns the effect of an event. A new token changes no cached entry: unknown
// secrets are not cached. A new session may have ended the user's oldest one.
func effectOf(e jeton.Event) effect {
	switch {
	case e.Detail.Refused || e.Action == jeton.TokenCreate:
		return effect{none: true}
	case strings.HasPrefix(string(e.Action), "role."):
		return effect{roles: true}
	case e.Detail.Owner == "":
		return effect{all: true}
	}
	return effect{owner: e.Detail.Owner, also: e.Detail.Also}
}

// Run follows the journal until ctx ends, so that this node applies the changes of other
// nodes and of command-line tools within a quarter of the lease. While callers of Changes
// wait, it also reads the journal after each change of this node, at most once every
// pollPause.
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
		case <-c.follower.poll:
			if !pause(ctx, pollPause-c.clock().Sub(began)) {
				return
			}
		}
	}
}

// pause waits for d. It returns false if ctx ended first.
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

// Follow reads the journal once, up to its end, applies the new events and renews the
// lease. Run calls it regularly.
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
		return c.reset(ctx, sent)
	}
	for range maxFollowBatches {
		events, now, err := c.store.EventsAfter(ctx, head.Position, followBatch)
		if err != nil {
			return err
		}
		if now.Epoch != head.Epoch || now.Position < head.Position {
			return c.reset(ctx, sent) // the positions are those of another journal
		}
		all := len(events) < followBatch
		head = c.applyRead(events, all, now, head)
		if all {
			c.lease.renew(sent)
			return nil
		}
	}
	return nil
}

// reset starts again at the journal's present end, and invalidates all cached entries.
func (c *Cache) reset(ctx context.Context, sent time.Time) error {
	head, err := c.store.Head(ctx)
	if err != nil {
		return err
	}
	c.marks.touchAll()
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	c.follower.started, c.follower.head = true, head
	clear(c.follower.pending)
	c.follower.backlog = backlog{from: head.Position}
	c.lease.renew(sent)
	c.follower.notify()
	return nil
}

// applyRead applies events read from the journal, except those that Apply has applied, and
// returns the position reached. now is the end of the journal at the read, and head the
// position before the events. all: there were no more events. The position is then that of
// the end, because old refusals that were removed can have been the last events.
func (c *Cache) applyRead(events []jeton.Event, all bool, now, head jeton.Head) jeton.Head {
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	c.follower.head = jeton.Head{Epoch: now.Epoch, Position: head.Position}
	added := false
	for _, e := range events {
		if !c.follower.pending[e.Position] {
			c.invalidate(e)
			c.observe(e, false)
			if c.heard != nil {
				c.heard(e)
			}
		}
		delete(c.follower.pending, e.Position)
		c.follower.head.Position = e.Position
		added = c.follower.backlog.add(e) || added
	}
	if all {
		c.follower.head = now
	}
	if added {
		c.follower.notify()
	}
	return c.follower.head
}
