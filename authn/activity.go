package authn

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"jeton"
)

// maxActivity bounds the buffer: about 10 MiB. When it is half full, Run writes at once.
const maxActivity = 1 << 16

// ActivityStore is where Activity writes.
type ActivityStore interface {
	SetActivity(ctx context.Context, used []jeton.Activity) error
}

// Activity buffers when sessions were used and writes it to the store at intervals. Its
// methods are safe for concurrent use.
//
// A session's uses are noted in steps (jeton.ActivityStep), so that few requests take the
// lock. What is not written when the process is killed is lost: with a limit of inactivity
// such a session ends early, never late.
type Activity struct {
	store ActivityStore
	idle  time.Duration
	every time.Duration
	log   *slog.Logger
	early chan struct{} // holds one request to flush before the next tick

	flushing sync.Mutex // held by a flush
	mu       sync.Mutex // guards the maps
	fresh    map[jeton.Digest]jeton.Activity
	// written is what the last flush wrote: a read that the cache began before it may
	// not show it.
	written map[jeton.Digest]jeton.Activity
	dropped atomic.Int64 // uses that found the buffer full, since the last flush
}

// NewActivity returns an empty buffer. idle is the limit of inactivity; 0: none. every is
// the time between two writes; 0: DefaultUsesEvery, or less if the limit is short.
func NewActivity(store ActivityStore, idle, every time.Duration, log *slog.Logger) *Activity {
	if every <= 0 {
		every = DefaultUsesEvery
	}
	if idle > 0 {
		every = min(every, idle/4)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Activity{
		store: store, idle: idle, every: max(every, time.Millisecond), log: log, early: make(chan struct{}, 1),
		fresh: map[jeton.Digest]jeton.Activity{},
	}
}

// note buffers that a session was used.
func (a *Activity) note(d jeton.Digest, used jeton.Activity) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.fresh[d]
	if !known && len(a.fresh) >= maxActivity {
		a.dropped.Add(1)
		return
	}
	if used.At > before.At {
		a.fresh[d] = used
	}
	if len(a.fresh) >= maxActivity/2 {
		select {
		case a.early <- struct{}{}:
		default:
		}
	}
}

// last returns when the session of a secret was last used, as far as the buffer knows, in
// Unix milliseconds; 0: it does not know.
func (a *Activity) last(d jeton.Digest) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(a.fresh[d].At, a.written[d].At)
}

// Run writes the buffer at intervals, and once more when ctx ends. End ctx after the last
// request, and close the store after Run has returned.
func (a *Activity) Run(ctx context.Context) {
	tick := time.NewTicker(a.every)
	defer tick.Stop()
	early, failing := a.early, false
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlushTime)
			defer cancel()
			if err := a.Flush(ctx); err != nil {
				a.log.Warn("the last activity of sessions is lost: it could not be written", "error", err)
			}
			return
		case <-tick.C:
		case <-early:
		}
		err := a.Flush(ctx)
		if ctx.Err() != nil {
			continue
		}
		if early = a.early; err != nil {
			early = nil // the store fails: retry at the next tick
			if !failing {
				a.log.Warn("the activity of sessions could not be written; it is kept for the next time", "error", err)
			}
		}
		failing = err != nil
	}
}

// Flush writes what is buffered. After an error, what it did not write is buffered again.
func (a *Activity) Flush(ctx context.Context) error {
	a.flushing.Lock()
	defer a.flushing.Unlock()
	a.mu.Lock()
	a.written, a.fresh = a.fresh, map[jeton.Digest]jeton.Activity{}
	written := a.written
	a.mu.Unlock()
	all := slices.SortedFunc(maps.Values(written), func(a, b jeton.Activity) int { return cmp.Compare(a.SessionID, b.SessionID) })
	for batch := range slices.Chunk(all, jeton.ActivityBatch) {
		if err := a.store.SetActivity(ctx, batch); err != nil {
			for d, used := range written {
				a.note(d, used)
			}
			return err
		}
	}
	if n := a.dropped.Swap(0); n > 0 {
		a.log.Warn("activity of sessions was not noted: more were used at once than are kept in memory", "count", n)
	}
	return nil
}

// activity is when a cached session was used, in Unix milliseconds. All entries of the
// session share it.
type activity struct {
	used  atomic.Int64 // by at most activityGrain, or a step, too early
	noted atomic.Int64 // the last use that Activity.note was told of
}

// activityGrain bounds how often requests write to a session's activity, which they share.
const activityGrain = int64(time.Second / time.Millisecond)

// activityOf returns the activity of a session that was read from the store. before is its
// entry until now, buffered what the buffer knew before the read; either may be missing.
func activityOf(read jeton.Credential, before *credentialEntry, buffered int64) *activity {
	if read.Kind != jeton.KindSession {
		return nil
	}
	used := max(read.LastActivityAt, buffered)
	if before != nil && before.activity != nil && before.credential.ID == read.ID {
		raise(&before.activity.used, used)
		raise(&before.activity.noted, used)
		return before.activity
	}
	made := &activity{}
	made.used.Store(used)
	made.noted.Store(used)
	return made
}

// raise sets v to at, unless it is later already.
func raise(v *atomic.Int64, at int64) {
	for {
		old := v.Load()
		if old >= at || v.CompareAndSwap(old, at) {
			return
		}
	}
}

// idle reports whether the entry is of a session that ended because it was not used.
func (c *Cache) idle(e *credentialEntry, now time.Time) bool {
	return e.activity != nil && e.credential.Idle(now.UnixMilli(), e.activity.used.Load(), c.settings.SessionIdle)
}

// use notes that a session is used. It takes no lock but once in a jeton.ActivityStep.
func (c *Cache) use(d jeton.Digest, e *credentialEntry, now time.Time) {
	if e.activity == nil {
		return
	}
	at := now.UnixMilli()
	if at-e.activity.used.Load() >= min(activityGrain, c.step) {
		raise(&e.activity.used, at)
	}
	noted := e.activity.noted.Load()
	if c.activity != nil && at-noted >= c.step && e.activity.noted.CompareAndSwap(noted, at) {
		c.activity.note(d, jeton.Activity{SessionID: e.credential.ID, At: at})
	}
}
