package limit_test

import (
	"testing"
	"time"

	"jeton/limit"
)

// A network over the limit of unknown secrets has a bounded number of look-ups; others,
// and a server where nobody is over it, have as many as they want.
func TestGuesses(t *testing.T) {
	now := start()
	clock := func() time.Time { return now.Time }
	g := limit.NewGuesses(limit.Rate{Count: 3, Per: time.Minute})
	for range 1000 {
		if !g.Lookup("10.0.0.1", now.Time).OK || g.Alarmed(clock) {
			t.Fatal("limited without a guess")
		}
	}
	for i := range 5 {
		if got := g.Count("10.0.0.1", now.Time).OK; got != (i < 3) {
			t.Errorf("guess %d: %v", i, got)
		}
	}
	if !g.Alarmed(clock) {
		t.Error("no alarm over the limit")
	}
	n := 0
	for range 1000 {
		if g.Lookup("10.0.0.1", now.Time).OK {
			n++
		}
	}
	if n != limit.LookupsOfNetwork.Count {
		t.Errorf("%d look-ups over the limit", n)
	}
	if !g.Lookup("10.0.0.2", now.Time).OK {
		t.Error("another network has no look-up")
	}
	now.advance(time.Minute + 1)
	if g.Alarmed(clock) || !g.Lookup("10.0.0.1", now.Time).OK {
		t.Error("still limited a minute later")
	}
	var none *limit.Guesses
	if limit.NewGuesses(limit.Rate{}) != nil || none.Alarmed(clock) || !none.Count("x", now.Time).OK || !none.Lookup("x", now.Time).OK || none.Limiter() != nil {
		t.Error("no limit limits")
	}
}
