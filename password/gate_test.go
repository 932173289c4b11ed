package password

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeton"
)

// No caller enters beyond the number of slots, and a caller that waits too long gets
// CodeBusy. The clock is synctest's: the test does not sleep.
func TestGateBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, time.Second)
		for range 2 {
			if err := g.enter(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		err := g.enter(t.Context())
		e, ok := errors.AsType[*jeton.Error](err)
		if !ok || e.Code != jeton.CodeBusy || e.RetryAfter != time.Second {
			t.Errorf("third: %#v", err)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited %v", waited)
		}
		g.leave()
		if err := g.enter(t.Context()); err != nil {
			t.Errorf("after one left: %v", err)
		}
	})
}

func TestGateHonoursContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, time.Hour)
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := g.enter(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("enter = %v", err)
		}
	})
}

func TestGateNeverHoldsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(3, time.Hour)
		var in, most, done atomic.Int32
		for range 50 {
			go func() {
				if err := g.enter(t.Context()); err != nil {
					t.Error(err)
					return
				}
				for n := in.Add(1); n > most.Load(); n = in.Load() {
					most.Store(n)
				}
				time.Sleep(time.Millisecond) // of synctest's clock
				in.Add(-1)
				done.Add(1)
				g.leave()
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if done.Load() != 50 || most.Load() != 3 {
			t.Errorf("%d done, at most %d at once; want 50 and 3", done.Load(), most.Load())
		}
	})
}
