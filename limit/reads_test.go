package limit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeton"
	"jeton/limit"
)

// One client cannot have all connections, whatever it asks; another passes at once.
func TestReadsLeaveRoomForOthers(t *testing.T) {
	for connections, most := range map[int]struct{ lists, searches int }{
		1: {1, 1}, 2: {1, 1}, 3: {2, 1}, 10: {8, 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := limit.NewReads(connections)
			for _, take := range []struct {
				read func(context.Context, string) (func(), error)
				most int
			}{{r.List, most.lists}, {r.Search, most.searches}} {
				var all sync.WaitGroup
				var running, peak atomic.Int64
				for range 30 {
					all.Go(func() {
						done, err := take.read(t.Context(), "ann")
						if err != nil {
							t.Error(err)
							return
						}
						if n := running.Add(1); n > peak.Load() {
							peak.Store(n)
						}
						time.Sleep(time.Millisecond) // of the bubble
						running.Add(-1)
						done()
					})
				}
				synctest.Wait()
				if int(running.Load()) != take.most {
					t.Errorf("of %d connections one client has %d, not %d", connections, running.Load(), take.most)
				}
				before := time.Now()
				done, err := take.read(t.Context(), "bob")
				if err != nil || time.Since(before) != 0 {
					t.Errorf("another client waited %s: %v", time.Since(before), err)
				} else {
					done()
				}
				all.Wait()
				if int(peak.Load()) != take.most {
					t.Errorf("of %d connections one client had %d, not %d", connections, peak.Load(), take.most)
				}
			}
		})
	}
}

// What waits too long, or behind too many, is refused with a time to come back; what
// its client gives up frees its place.
func TestReadsAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := limit.NewReads(3)
		done, err := r.Search(t.Context(), "ann")
		if err != nil {
			t.Fatal(err)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		for range 64 {
			waiting.Go(func() {
				if _, err := r.Search(ctx, "ann"); !errors.Is(err, context.Canceled) {
					t.Errorf("a read whose client left: %v", err)
				}
			})
		}
		synctest.Wait()
		refused := func() {
			t.Helper()
			var e *jeton.Error
			if _, err := r.Search(t.Context(), "ann"); !errors.As(err, &e) || e.Code != jeton.CodeTooManyReads || e.RetryAfter <= 0 {
				t.Errorf("one read too many: %v", err)
			}
		}
		before := time.Now()
		refused()
		if d := time.Since(before); d != 0 {
			t.Errorf("it waited %s behind a full queue", d)
		}
		hangUp()
		waiting.Wait()
		before = time.Now()
		refused()
		if d := time.Since(before); d != 2*time.Second {
			t.Errorf("it waited %s, not 2 s", d)
		}
		list, err := r.List(t.Context(), "ann")
		if err != nil {
			t.Fatalf("a list while a search runs: %v", err)
		}
		list()
		done()
		for range 3 { // nothing is lost
			done, err := r.Search(t.Context(), "ann")
			if err != nil {
				t.Fatal(err)
			}
			done()
		}
	})
}
