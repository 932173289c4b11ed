package limit

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var refills = map[string]Refill{"gradual": Gradual, "window": Window}

// A clock that was set back locks no client out: a debt from before never exceeds the
// whole limit.
func TestClockSetBack(t *testing.T) {
	for name, refill := range refills {
		t.Run(name, func(t *testing.T) {
			l := New(Rule{Name: "x", Rate: Rate{Count: 2, Per: time.Second}, Refill: refill})
			now := time.Unix(1_700_000_000, 0)
			l.Take("a", now)
			now = now.Add(-time.Hour)
			for i, ok := range []bool{true, true, false} {
				if got := l.Take("a", now); got.OK != ok || got.Wait > time.Second || got.Reset > time.Second {
					t.Errorf("call %d after the clock was set back: %+v", i, got)
				}
			}
			if got := l.Take("a", now.Add(time.Second)); !got.OK {
				t.Errorf("a second later: %+v", got)
			}
		})
	}
}

// Callers read the clock before they call, so their times may be out of order. That must
// not reduce a debt.
func TestTimesOutOfOrder(t *testing.T) {
	for name, refill := range refills {
		t.Run(name, func(t *testing.T) {
			l := New(Rule{Name: "x", Rate: Rate{Count: 3, Per: time.Second}, Refill: refill})
			now := time.Unix(1_700_000_000, 0)
			ok := 0
			for i := range 20 {
				if l.Take("a", now.Add(-time.Duration(i)*time.Microsecond)).OK {
					ok++
				}
			}
			if ok > 3 {
				t.Errorf("%d places of 3 were taken", ok)
			}
		})
	}
}

// A limiter agrees with a plain model that keeps everything: it never allows more than the
// rule, its wait is exact, and a place given back counts as never taken.
func TestLimiterAgainstModel(t *testing.T) {
	for name, refill := range refills {
		t.Run(name, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { againstModel(t, refill) }) })
	}
}

func againstModel(t *rapid.T, refill Refill) {
	const per = 60 * time.Second
	count := []int{1, 2, 3, 5, 10}[rapid.IntRange(0, 4).Draw(t, "count")]
	step := per / time.Duration(count)
	l := New(Rule{Name: "x", Rate: Rate{count, per}, Refill: refill})
	now := time.Unix(1_700_000_000, 0)
	var taken []time.Time // Window
	var level time.Duration
	t.Repeat(map[string]func(*rapid.T){
		"later": func(t *rapid.T) {
			d := time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second
			now, level = now.Add(d), max(0, level-d)
			for len(taken) > 0 && now.Sub(taken[0]) >= per {
				taken = taken[1:]
			}
		},
		"take": func(t *rapid.T) {
			ok, wait := level+step <= per, level+step-per
			if refill == Window {
				if ok = len(taken) < count; !ok {
					wait = per - now.Sub(taken[0])
				}
			}
			if ok {
				wait = 0
			}
			if w := l.Wait("a", now); w != wait {
				t.Fatalf("Wait is %v, want %v", w, wait)
			}
			if got := l.Take("a", now); got.OK != ok || got.Wait != wait {
				t.Fatalf("%+v, want %v, wait %v", got, ok, wait)
			}
			if ok {
				taken, level = append(taken, now), level+step
			}
		},
		"give back": func(t *rapid.T) {
			if len(taken) == 0 {
				t.Skip("nothing is taken")
			}
			i := rapid.IntRange(0, len(taken)-1).Draw(t, "which")
			l.GiveBack("a", taken[i])
			taken, level = append(taken[:i:i], taken[i+1:]...), max(0, level-step)
		},
	})
}

// A limiter holds a bounded number of keys, and evicts those without debt first.
func TestLimiterIsBounded(t *testing.T) {
	for _, keys := range []int{DefaultKeys, 1024} {
		l := New(Rule{Name: "x", Rate: Rate{Count: 10, Per: time.Hour}, Refill: Window, Keys: keys})
		now := time.Unix(1_700_000_000, 0)
		for i := range 10 * keys {
			l.Take(fmt.Sprint("key", i), now)
		}
		for i := range l.shards {
			if n := len(l.shards[i].debt); n > keys/shards {
				t.Errorf("shard %d: %d keys", i, n)
			}
		}
	}
}

// A key whose places were all given back uses no memory.
func TestGivenBackIsForgotten(t *testing.T) {
	for name, refill := range refills {
		t.Run(name, func(t *testing.T) {
			l := New(Rule{Name: "x", Rate: Rate{Count: 10, Per: time.Hour}, Refill: refill})
			now := time.Unix(1_700_000_000, 0)
			l.Take("a", now)
			l.GiveBack("a", now)
			l.GiveBack("never taken", now)
			for i := range l.shards {
				if len(l.shards[i].debt) > 0 {
					t.Errorf("shard %d: %v", i, l.shards[i].debt)
				}
			}
		})
	}
}

func TestNoLimit(t *testing.T) {
	l := New(Rule{Name: "x"})
	l.GiveBack("a", time.Time{})
	if l != nil || !l.Take("a", time.Time{}).OK || l.Wait("a", time.Time{}) != 0 {
		t.Error("a rule without a rate limits")
	}
}
