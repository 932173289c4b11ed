package limit_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"jeton/limit"
)

// at is a clock that a test moves.
type at struct{ time.Time }

func start() *at { return &at{time.UnixMilli(1_700_000_000_000)} }

func (a *at) advance(d time.Duration) { a.Time = a.Add(d) }

func TestLogInsCountFailuresOnly(t *testing.T) {
	now, s := start(), limit.ForService()
	for i := range 200 {
		giveBack, wait := s.LogIn("ann", "10.0.0.1", now.Time)
		if wait > 0 {
			t.Fatalf("attempt %d must wait %v though all were right", i, wait)
		}
		giveBack()
	}
	for range 10 {
		if _, wait := s.LogIn("ann", "10.0.0.1", now.Time); wait > 0 {
			t.Fatalf("must wait %v before the limit", wait)
		}
		now.advance(time.Second)
	}
	_, wait := s.LogIn("ann", "10.0.0.2", now.Time)
	if want := 15*time.Minute - 10*time.Second; wait != want {
		t.Errorf("past the account's limit: wait %v, want %v", wait, want)
	}
	if _, wait := s.LogIn("bob", "10.0.0.1", now.Time); wait > 0 {
		t.Errorf("another account must wait %v", wait)
	}
	now.advance(wait)
	if _, wait := s.LogIn("ann", "10.0.0.2", now.Time); wait > 0 {
		t.Errorf("after the window: must wait %v", wait)
	}
	if _, wait := s.LogIn("ann", "10.0.0.2", now.Time); wait != time.Second {
		t.Errorf("one place came back, not two: wait %v", wait)
	}
}

func TestLogInsOfNetwork(t *testing.T) {
	now, s := start(), limit.ForService()
	for i := range 50 {
		if _, wait := s.LogIn(fmt.Sprint("user", i), "10.0.0.1", now.Time); wait > 0 {
			t.Fatalf("attempt %d must wait %v", i, wait)
		}
	}
	for i := range 20 { // a refused attempt takes no place of the account
		if _, wait := s.LogIn("ann", "10.0.0.1", now.Time); wait != 15*time.Minute {
			t.Errorf("past the network's limit, attempt %d: wait %v", i, wait)
		}
	}
	if _, wait := s.LogIn("ann", "10.0.0.2", now.Time); wait > 0 {
		t.Errorf("the account from another network must wait %v", wait)
	}
}

// Parallel attempts get no more places than sequential ones.
func TestLogInsAtOnce(t *testing.T) {
	now, s := start(), limit.ForService()
	var mu sync.Mutex
	let := 0
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			_, wait := s.LogIn("ann", fmt.Sprint("10.0.0.", i), now.Add(-time.Duration(i)*time.Microsecond))
			mu.Lock()
			defer mu.Unlock()
			if wait == 0 {
				let++
			}
		})
	}
	all.Wait()
	if let != 10 {
		t.Errorf("%d of 100 attempts were let through", let)
	}
}
