package client

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	firstWait = 5 * time.Second       // for the first answer of the feed, whose lease is not known yet
	pollsPer  = 4                     // in one lease
	minPause  = 50 * time.Millisecond // between questions that fail
	maxLease  = time.Minute           // whatever a server says
)

// Run follows the server's feed until ctx ends. Without it each verification asks
// the server.
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

// follow asks the feed once, applies what it says, and renews the lease.
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

// lease says until when what is remembered may be trusted.
type lease struct {
	term atomic.Pointer[term]
}

type term struct {
	began  time.Time // what was heard is no older
	length time.Duration
}

// renew counts the lease from the moment the question was sent, less the age that
// the answer states.
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

// holds reports whether the lease, or so long after it, holds at now. A machine
// that slept, or a clock that was set, shows as a difference between the wall clock
// and the monotonic one: then nobody knows how old the last answer is.
func (l *lease) holds(now time.Time, longer time.Duration) bool {
	t := l.term.Load()
	if t == nil {
		return false
	}
	passed, wall := now.Sub(t.began), now.Round(0).Sub(t.began.Round(0))
	drift := (wall - passed).Abs()
	return passed <= t.length+longer && drift <= t.length/2
}
