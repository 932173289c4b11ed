package authn

import (
	"context"
	"errors"
	"sort"
	"time"

	"jeton"
)

const (
	backlogSize   = 4096 // changes kept for those who follow
	changesMost   = 1000 // in one answer
	alsoMost      = 100  // owners that one change names; more are everybody
	waitingMost   = 1000 // who wait at once
	waitsPerLease = 4    // a wait is no longer than this part of the lease
)

// Change is what of the journal a cache elsewhere must hear: of whom it must
// forget what it knows.
type Change struct {
	Position int64
	Action   jeton.Action
	Owner    string   // whose credentials; empty: All is set
	Also     []string // and whose else
	All      bool     // everybody's: a role changed, or it cannot be told whom it touches
}

// Changes is what one look at the feed found.
type Changes struct {
	Head    jeton.Head    // where to go on from
	Age     time.Duration // since the read of the journal was sent that this rests on
	Reset   bool          // what lies before Head cannot be told: everything must be forgotten
	Changes []Change      // up to Head, in the journal's order
	More    bool          // there are others behind Head, which this answer says nothing of
	behind  bool          // this node has not come as far as who asks: he heard another one
}

// settled reports whether there is no more to wait for. Who is ahead of this node
// waits, too: it is about to hear what he has heard.
func (c *Changes) settled() bool { return c.Reset && !c.behind || len(c.Changes) > 0 }

var errNotFollowing = errors.New("the journal was not read for longer than the lease")

// Lease returns for how long the cache trusts one read of the journal.
func (c *Cache) Lease() time.Duration { return c.lease.length }

// Position returns where this node stands in the journal: whatever it answers from
// now on is no older. The zero Head: it stands nowhere yet.
func (c *Cache) Position() jeton.Head {
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	return c.follower.head
}

// Changes returns what happened after a position, as this node's own follower read
// it: in order and without gaps, since it is the journal that is read, also for
// what was done here. When there is nothing, or who asks has heard more from another
// node, it waits, at most wait (and a quarter of the lease), for that to change. It
// fails with CodeAuthFailed when the journal is not heard, and with CodeBusy when too
// many wait.
func (c *Cache) Changes(ctx context.Context, after jeton.Head, wait time.Duration) (Changes, error) {
	found, news, err := c.since(after)
	wait = min(wait, c.lease.length/waitsPerLease)
	if err != nil || found.settled() || wait <= 0 {
		return found, err
	}
	if c.follower.waiting.Add(1) > waitingMost {
		c.follower.waiting.Add(-1)
		return Changes{}, &jeton.Error{Code: jeton.CodeBusy, RetryAfter: time.Second}
	}
	defer c.follower.waiting.Add(-1)
	c.follower.rouse(found.behind) // a change may have been applied before it was known that somebody waits
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		last := false
		select {
		case <-news:
		case <-over.C:
			last = true
		case <-ctx.Done():
			last = true
		}
		found, news, err = c.since(after)
		if last || err != nil || found.settled() {
			return found, err
		}
	}
}

// since looks once. The age is taken before the position, so that it is never too low.
func (c *Cache) since(after jeton.Head) (Changes, <-chan struct{}, error) {
	sent, now := c.lease.sent.Load(), c.clock()
	f := &c.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.started || sent == nil || !c.lease.holds(now) {
		return Changes{}, nil, unknown(errNotFollowing)
	}
	found := Changes{Head: f.head, Age: max(0, now.Sub(*sent))}
	found.behind = after.Epoch == f.head.Epoch && after.Position > f.head.Position
	if found.behind || after.Epoch != f.head.Epoch || after.Position < f.backlog.from {
		found.Reset = true
		return found, f.news, nil
	}
	if found.Changes, found.More = f.backlog.after(after.Position); found.More {
		found.Head.Position = found.Changes[len(found.Changes)-1].Position
	}
	return found, f.news, nil
}

// tell wakes all who wait. The follower's lock is held.
func (f *follower) tell() {
	close(f.news)
	f.news = make(chan struct{})
}

// rouse has the journal read before its time, if it is known to hold more: somebody
// has heard it, or an event was applied here that was not met in it yet.
func (f *follower) rouse(heard bool) {
	f.mu.Lock()
	unmet := len(f.own) > 0
	f.mu.Unlock()
	if heard || unmet {
		f.read()
	}
}

// read has the journal read before its time.
func (f *follower) read() {
	select {
	case f.wake <- struct{}{}:
	default: // it is asked for already
	}
}

// backlog is the last changes that were met, a ring once it is full.
type backlog struct {
	from  int64 // what lies at or before this position is not held
	ring  []Change
	start int // of the oldest
}

// add takes in an event; false: it is of no interest to a cache.
func (b *backlog) add(e jeton.Event) bool {
	what := effectOf(e)
	if what.none {
		return false
	}
	change := Change{Position: e.Position, Action: e.Action, Owner: what.owner, Also: what.also, All: what.all || what.roles}
	if len(change.Also) > alsoMost {
		change.Owner, change.Also, change.All = "", nil, true
	}
	if len(b.ring) < backlogSize {
		b.ring = append(b.ring, change)
		return true
	}
	b.from = b.ring[b.start].Position
	b.ring[b.start] = change
	b.start = (b.start + 1) % backlogSize
	return true
}

// after returns the first changes after a position that is held; more: there are
// others behind them.
func (b *backlog) after(position int64) (found []Change, more bool) {
	at := func(i int) Change { return b.ring[(b.start+i)%len(b.ring)] }
	first := sort.Search(len(b.ring), func(i int) bool { return at(i).Position > position })
	for i := first; i < len(b.ring); i++ {
		if len(found) == changesMost {
			return found, true
		}
		found = append(found, at(i))
	}
	return found, false
}
