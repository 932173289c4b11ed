package password

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeton"
)

// take enters a gate; the tests use it where the time does not matter.
func (g *gate) take(ctx context.Context) (leave func(), err error) {
	_, leave, err = g.enter(ctx)
	return leave, err
}

// from returns a context of work that comes from a network.
func from(t *testing.T, network string, known bool) context.Context {
	return jeton.WithOrigin(t.Context(), jeton.Origin{Network: network, Known: known})
}

func isBusy(err error) bool {
	e, ok := errors.AsType[*jeton.Error](err)
	return ok && e.Code == jeton.CodeBusy && e.RetryAfter == time.Second
}

// No caller enters beyond the number of slots, and a caller that waits too long gets
// CodeBusy. The clock is synctest's: the test does not sleep.
func TestGateBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, time.Second)
		var leave func()
		for range 2 {
			var err error
			if leave, err = g.take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		if _, err := g.take(t.Context()); !isBusy(err) {
			t.Errorf("third: %#v", err)
		}
		if waited := time.Since(began); waited != time.Second {
			t.Errorf("waited %v", waited)
		}
		leave()
		if _, err := g.take(t.Context()); err != nil {
			t.Errorf("after one left: %v", err)
		}
	})
}

func TestGateHonoursContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, time.Hour)
		if _, err := g.take(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := g.take(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("enter = %v", err)
		}
	})
}

func TestGateNeverHoldsMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(3, time.Hour)
		var in, most, done atomic.Int32
		for i := range 60 {
			ctx := from(t, fmt.Sprint(i%7), i%2 == 0)
			go func() {
				leave, err := g.take(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				for n := in.Add(1); n > most.Load(); n = in.Load() {
					most.Store(n)
				}
				time.Sleep(time.Millisecond) // of synctest's clock
				in.Add(-1)
				done.Add(1)
				leave()
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if done.Load() != 60 || most.Load() != 3 {
			t.Errorf("%d done, at most %d at once; want 60 and 3", done.Load(), most.Load())
		}
		if g.running != 0 || g.known.waiting+g.unknown.waiting != 0 || len(g.known.lines)+len(g.unknown.lines) != 0 {
			t.Errorf("the gate is not empty: %+v", g)
		}
	})
}

// crowd makes callers of a network wait and then work for 20 ms each.
func crowd(t *testing.T, g *gate, n int, network func(i int) string, known bool) {
	t.Cleanup(func() { time.Sleep(time.Minute) }) // until they have left, by synctest's clock
	for i := range n {
		ctx := from(t, network(i), known)
		go func() {
			if leave, err := g.take(ctx); err == nil {
				time.Sleep(20 * time.Millisecond)
				leave()
			}
		}()
		synctest.Wait() // they arrive one after the other
	}
}

func always(network string) func(int) string { return func(int) string { return network } }

// waits returns how long a caller waits for a slot.
func waits(ctx context.Context, g *gate) (time.Duration, error) {
	began := time.Now()
	leave, err := g.take(ctx)
	if err == nil {
		leave()
	}
	return time.Since(began), err
}

// A crowd from one network does not hold up another network: the turns go round.
func TestGateTurns(t *testing.T) {
	for _, known := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(1, time.Second)
			crowd(t, g, 200, always("crowd"), known)
			if waited, err := waits(from(t, "another", known), g); err != nil || waited > 60*time.Millisecond {
				t.Errorf("known %v: waited %v, %v", known, waited, err)
			}
		})
	}
}

// Networks that users log in from come before any number of others, which are not starved.
func TestGateKnownFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, time.Second)
		crowd(t, g, 500, func(i int) string { return fmt.Sprint("stranger ", i) }, false)
		if waited, err := waits(from(t, "home", true), g); err != nil || waited > 20*time.Millisecond {
			t.Errorf("a known network waited %v, %v", waited, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, time.Second)
		crowd(t, g, 60, always("home"), true)
		if waited, err := waits(from(t, "stranger", false), g); err != nil || waited > 100*time.Millisecond {
			t.Errorf("an unknown network waited %v, %v", waited, err)
		}
	})
}

// Unknown networks use one slot, and two thirds of its time, however many they are.
func TestGateStrangersRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, time.Second)
		var busy atomic.Int64
		for i := range 1000 {
			ctx := from(t, fmt.Sprint(i), false)
			go func() {
				if leave, err := g.take(ctx); err == nil {
					time.Sleep(20 * time.Millisecond)
					busy.Add(20)
					leave()
				}
			}()
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if ms := busy.Load(); ms < 600 || ms > 700 {
			t.Errorf("they worked %d ms of the second that they waited, want two thirds", ms)
		}
	})
}

// Callers that cannot be served in time are refused at once, so that they cost nothing.
func TestGateQueuesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, time.Second)
		crowd(t, g, waitersOfNetwork+1, always("crowd"), false)
		if waited, err := waits(from(t, "crowd", false), g); !isBusy(err) || waited != 0 {
			t.Errorf("one network: waited %v, %v", waited, err)
		}
		crowd(t, g, waitersOfQueue, func(i int) string { return fmt.Sprint(i) }, false)
		if waited, err := waits(from(t, "another", false), g); !isBusy(err) || waited != 0 {
			t.Errorf("all networks: waited %v, %v", waited, err)
		}
		if waited, err := waits(from(t, "home", true), g); err != nil || waited > 20*time.Millisecond {
			t.Errorf("a known network: waited %v, %v", waited, err)
		}
	})
}
