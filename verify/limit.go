package verify

import (
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Rate is a limit: so many in a time, and as many at once. The zero value is none.
type Rate struct {
	Count int
	Per   time.Duration
}

const maxRate = 1_000_000

var rateUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}

// ParseRate reads a limit such as 100/s, 10/m or 5000/h; empty and "off" are none.
func ParseRate(s string) (Rate, error) {
	if s == "" || s == "off" {
		return Rate{}, nil
	}
	count, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	per, ok := rateUnits[unit]
	if err != nil || !ok || n < 1 || n > maxRate {
		return Rate{}, fmt.Errorf("%q is not like 100/s, 10/m or 5000/h, from 1 to %d", s, maxRate)
	}
	return Rate{Count: n, Per: per}, nil
}

const (
	limitShards  = 64
	limitKeys    = 1024 // of each shard
	limitExamine = 8    // keys that are looked at to make room for one
)

// limiter counts by key, by the generic cell rate algorithm: of each key it keeps
// the time at which all that was taken is paid back. Its memory is bounded: where
// there are too many keys it forgets those that are nearest to that.
type limiter struct {
	rate   Rate
	step   time.Duration // after which one more may be taken
	policy string        // a name, for RateLimit-Policy
	seed   maphash.Seed
	shards [limitShards]limitShard
}

type limitShard struct {
	mu   sync.Mutex
	paid map[uint64]int64 // Unix nanoseconds
}

// newLimiter returns nil where there is no limit.
func newLimiter(r Rate, policy string) *limiter {
	if r.Count <= 0 || r.Per <= 0 {
		return nil
	}
	l := &limiter{rate: r, step: r.Per / time.Duration(r.Count), policy: policy, seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].paid = map[uint64]int64{}
	}
	return l
}

// taken is the answer to one taking.
type taken struct {
	ok    bool
	left  int           // how many more could be taken at once
	reset time.Duration // until all can be taken again
	wait  time.Duration // until one can be taken, if this one was not
}

// take takes one for a key.
func (l *limiter) take(key string, now time.Time) taken {
	hash := maphash.String(l.seed, key)
	s := &l.shards[hash%limitShards]
	at := now.UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	paid, known := s.paid[hash]
	owed := max(0, time.Duration(paid-at))
	if owed > l.rate.Per { // more than can be taken: the clock was set back meanwhile
		owed = 0
	}
	if over := owed + l.step - l.rate.Per; over > 0 {
		return taken{reset: owed, wait: over}
	}
	if !known && len(s.paid) >= limitKeys {
		s.makeRoom(at)
	}
	owed += l.step
	s.paid[hash] = at + int64(owed)
	return taken{ok: true, left: int((l.rate.Per - owed) / l.step), reset: owed}
}

// makeRoom forgets at least one key, of a few that Go's map hands out at random.
func (s *limitShard) makeRoom(at int64) {
	var first uint64
	least, seen, dropped := int64(0), 0, false
	for key, paid := range s.paid {
		if paid <= at {
			delete(s.paid, key)
			dropped = true
		} else if first == 0 || paid < least {
			first, least = key, paid
		}
		if seen++; seen == limitExamine {
			break
		}
	}
	if !dropped {
		delete(s.paid, first)
	}
}

// policyText and stateText are the items of the headers RateLimit-Policy and
// RateLimit (draft-ietf-httpapi-ratelimit-headers-10).
func (l *limiter) policyText() string {
	return fmt.Sprintf("%q;q=%d;w=%d", l.policy, l.rate.Count, l.rate.Per/time.Second)
}

func (l *limiter) stateText(t taken) string {
	return fmt.Sprintf("%q;r=%d;t=%d", l.policy, t.left, seconds(t.reset))
}

// seconds rounds up, to one at least.
func seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
