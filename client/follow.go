package client

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	firstWait = 5 * time.Second       // timeout of the first call of the feed, before its lease is known
	pollsPer  = 4                     // calls of the feed in one lease
	minPause  = 50 * time.Millisecond // after a call that failed
	maxLease  = time.Minute           // upper bound of a server's lease
)

// Run follows the server's feed until ctx ends. While it does not run, each verification
// asks the server.
func (v *Verifier) Run(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		err := v.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if (err != nil) != failing {
			failing = err != nil
			if failing {
				v.o.Log.Warn("the feed cannot be followed; every verification asks the server until it can", "error", err)
			} else {
				v.o.Log.Info("the feed is followed again")
			}
		}
		if err != nil && !sleep(ctx, max(minPause, v.lease.span()/pollsPer)) {
			return
		}
	}
}

// follow calls the feed once, applies its events, and renews the lease.
func (v *Verifier) follow(ctx context.Context) error {
	wait, limit := v.lease.span()/pollsPer, v.lease.span()
	if limit == 0 {
		limit = firstWait
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sent := v.o.Clock()
	f, err := v.client.Feed(ctx, v.cache.position().String(), wait)
	if err != nil {
		return err
	}
	v.cache.apply(f)
	if f.LeaseMS > 0 {
		v.lease.renew(sent, f)
	}
	return nil
}

// lease is the time for which the cache may be trusted.
type lease struct {
	term atomic.Pointer[term]
}

type term struct {
	began  time.Time // the cache is complete up to this time
	length time.Duration
}

// renew starts the lease at the moment the request was sent, less the age that the answer
// states.
func (l *lease) renew(sent time.Time, f Feed) {
	length := min(max(0, time.Duration(f.LeaseMS)*time.Millisecond), maxLease)
	age := max(0, time.Duration(f.AgeMS)*time.Millisecond)
	l.term.Store(&term{began: sent.Add(-age), length: length})
}

func (l *lease) span() time.Duration {
	if t := l.term.Load(); t != nil {
		return t.length
	}
	return 0
}

// holds reports whether the lease, extended by longer, holds at now. If the machine slept
// or the clock was set, the wall clock and the monotonic clock differ: then the age of the
// last answer is unknown, and the lease does not hold.
func (l *lease) holds(now time.Time, longer time.Duration) bool {
	t := l.term.Load()
	if t == nil {
		return false
	}
	passed, wall := now.Sub(t.began), now.Round(0).Sub(t.began.Round(0))
	drift := (wall - passed).Abs()
	return passed <= t.length+longer && drift <= t.length/2
}
