package verify

import (
	"testing"
	"time"
)

// A clock that was set back locks nobody out: what was owed by the time before is
// never more than the whole of a limit.
func TestLimitWhenTheClockIsSetBack(t *testing.T) {
	l := newLimiter(Rate{Count: 2, Per: time.Second}, "x")
	now := time.Unix(1_700_000_000, 0)
	l.take("a", now)
	now = now.Add(-time.Hour)
	for i, ok := range []bool{true, true, false} {
		if got := l.take("a", now); got.ok != ok || got.wait > time.Second || got.reset > time.Second {
			t.Errorf("call %d after the clock was set back: %+v", i, got)
		}
	}
	if got := l.take("a", now.Add(500*time.Millisecond)); !got.ok {
		t.Errorf("half a second later: %+v", got)
	}
}
