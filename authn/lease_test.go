package authn

import (
	"testing"
	"time"
)

func TestLease(t *testing.T) {
	start := time.Now()
	wall := func(d time.Duration) time.Time { return start.Round(0).Add(d) } // no monotonic reading
	for name, c := range map[string]struct {
		sent, now time.Time
		want      bool
	}{
		"at once":          {start, start, true},
		"at its end":       {start, start.Add(time.Second), true},
		"past its end":     {start, start.Add(time.Second + 1), false},
		"past by the wall": {wall(0), wall(time.Second + 1), false},
	} {
		l := lease{length: time.Second}
		if l.holds(c.now) {
			t.Errorf("%s: holds before it was renewed", name)
		}
		l.renew(c.sent)
		if got := l.holds(c.now); got != c.want {
			t.Errorf("%s: holds = %v", name, got)
		}
	}
}

// A time.Time has a wall clock and a monotonic reading. They disagree after the machine
// slept or its clock was set.
func TestLeaseEndsWhenClocksDisagree(t *testing.T) {
	l := lease{length: time.Second}
	l.renew(time.Now())
	if !l.agree(300*time.Millisecond, 700*time.Millisecond) {
		t.Error("0.4 s apart: ended")
	}
	for _, wall := range []time.Duration{time.Hour, -time.Hour, 900 * time.Millisecond} {
		if l.agree(300*time.Millisecond, wall) {
			t.Errorf("monotonic 0.3 s, wall %v: holds", wall)
		}
	}
}
