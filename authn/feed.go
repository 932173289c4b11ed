package authn

import (
	"context"
	"errors"
	"sort"
	"time"

	"jeton"
)

const (
	backlogSize   = 4096 // changes kept for callers of Changes
	maxChanges    = 1000 // in one answer
	maxAlso       = 100  // owners in Change.Also; a change of more owners becomes one of all
	maxWaiting    = 1000 // callers of Changes that wait at once
	waitsPerLease = 4    // a wait lasts at most the lease divided by this
)

// Change is an event of the journal as other caches need it: the owners whose cached
// credentials it invalidates.
type Change struct {
	Position int64
	Action   jeton.Action
	Owner    string   // a user's id; empty: All is set
	Also     []string // the ids of other owners
	All      bool     // every owner: a role changed, or the event does not name its owners
}

// Changes is an answer of the feed.
type Changes struct {
	Head    jeton.Head    // the position to ask from the next time
	Age     time.Duration // since the node sent its last completed read of the journal
	Reset   bool          // the changes up to Head are not known: the caller must drop its whole cache
	Changes []Change      // up to Head, in the journal's order
	More    bool          // there are changes after Head
	lagging bool          // the caller's position is after this node's: it comes from another node
}

// ready reports whether to answer at once. Changes waits if there are none, and if this
// node lags: its next read of the journal reaches the caller's position.
func (c *Changes) ready() bool { return c.Reset && !c.lagging || len(c.Changes) > 0 }

var errNotFollowing = errors.New("the journal was not read for longer than the lease")

// Lease returns how long the cache may be used after a read of the journal was sent.
func (c *Cache) Lease() time.Duration { return c.lease.length }

// Position returns the position up to which this node has applied the journal. Every
// later answer is at least as new. The zero Head: the node has not read the journal yet.
func (c *Cache) Position() jeton.Head {
	c.follower.mu.Lock()
	defer c.follower.mu.Unlock()
	return c.follower.head
}

// Changes returns the changes after a position that this node's follower has read from
// the journal, in the journal's order and without gaps. If there are none, or if this node
// has not read up to that position, it waits for them: no longer than wait, and no longer
// than a quarter of the lease. Errors: CodeAuthFailed if the lease does not hold, CodeBusy
// if too many callers wait.
func (c *Cache) Changes(ctx context.Context, after jeton.Head, wait time.Duration) (Changes, error) {
	found, changed, err := c.since(after)
	wait = min(wait, c.lease.length/waitsPerLease)
	if err != nil || found.ready() || wait <= 0 {
		return found, err
	}
	if c.follower.waiting.Add(1) > maxWaiting {
		c.follower.waiting.Add(-1)
		return Changes{}, &jeton.Error{Code: jeton.CodeBusy, RetryAfter: time.Second}
	}
	defer c.follower.waiting.Add(-1)
	c.follower.pollIfUnread(found.lagging) // Apply may have run before waiting was raised
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		last := false
		select {
		case <-changed:
		case <-timeout.C:
			last = true
		case <-ctx.Done():
			last = true
		}
		found, changed, err = c.since(after)
		if last || err != nil || found.ready() {
			return found, err
		}
	}
}

// since returns the answer for a position as of now, and a channel that is closed when the
// follower has read more. It reads the age before the position, so that the age is never
// too low.
func (c *Cache) since(after jeton.Head) (Changes, <-chan struct{}, error) {
	sent, now := c.lease.sent.Load(), c.clock()
	f := &c.follower
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.started || sent == nil || !c.lease.holds(now) {
		return Changes{}, nil, unavailable(errNotFollowing)
	}
	found := Changes{Head: f.head, Age: max(0, now.Sub(*sent))}
	found.lagging = after.Epoch == f.head.Epoch && after.Position > f.head.Position
	if found.lagging || after.Epoch != f.head.Epoch || after.Position < f.backlog.from {
		found.Reset = true
		return found, f.changed, nil
	}
	if found.Changes, found.More = f.backlog.after(after.Position); found.More {
		found.Head.Position = found.Changes[len(found.Changes)-1].Position
	}
	return found, f.changed, nil
}

// notify wakes all callers of Changes that wait. The caller holds f.mu.
func (f *follower) notify() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// pollIfUnread requests a read of the journal if the journal is known to hold unread
// events: the node lags, or it has made events that it has not read back.
func (f *follower) pollIfUnread(lagging bool) {
	f.mu.Lock()
	unread := lagging || len(f.pending) > 0
	f.mu.Unlock()
	if unread {
		f.requestPoll()
	}
}

// requestPoll makes Run read the journal before the next tick.
func (f *follower) requestPoll() {
	select {
	case f.poll <- struct{}{}:
	default: // a request is pending
	}
}

// backlog holds the last changes read from the journal. It is a ring once it is full.
type backlog struct {
	from  int64 // changes at or before this position are not held
	ring  []Change
	start int // the index of the oldest
}

// add adds an event. It returns false if the event invalidates no cached entry.
func (b *backlog) add(e jeton.Event) bool {
	what := effectOf(e)
	if what.none {
		return false
	}
	change := Change{Position: e.Position, Action: e.Action, Owner: what.owner, Also: what.also, All: what.all || what.roles}
	if len(change.Also) > maxAlso {
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

// after returns the first maxChanges changes after a position, which must not be before
// from. more: there are later ones.
func (b *backlog) after(position int64) (found []Change, more bool) {
	at := func(i int) Change { return b.ring[(b.start+i)%len(b.ring)] }
	first := sort.Search(len(b.ring), func(i int) bool { return at(i).Position > position })
	for i := first; i < len(b.ring); i++ {
		if len(found) == maxChanges {
			return found, true
		}
		found = append(found, at(i))
	}
	return found, false
}
