package limit

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	shards   = 64 // parts of the keys, each with its own lock
	examined = 8  // keys that are compared to evict one

	// DefaultKeys is the most keys of a limiter whose rule does not say.
	DefaultKeys = 65_536
)

// Limiter applies one rule to many keys. Its memory is bounded: when it is full, it evicts
// keys with the least debt. A nil *Limiter is no limit: it allows everything. All methods
// are safe for concurrent use.
type Limiter struct {
	rule   Rule
	policy string // see Policy
	seed   maphash.Seed
	shards [shards]shard

	lastRefused atomic.Int64 // when Take refused last, Unix nanoseconds
}

type shard struct {
	mu   sync.Mutex
	debt map[uint64]debt // by the hash of the key
}

// New returns a limiter, or nil when the rule's rate is zero.
func New(r Rule) *Limiter {
	if r.Count <= 0 || r.Per <= 0 {
		return nil
	}
	if r.Keys == 0 {
		r.Keys = DefaultKeys
	}
	l := &Limiter{rule: r, policy: policyText(r), seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].debt = map[uint64]debt{}
	}
	return l
}

// Taken is the answer to Take.
type Taken struct {
	OK    bool          // a place was taken
	Left  int           // places that are left now
	Reset time.Duration // until all places are back
	Wait  time.Duration // until a place comes back; 0 if OK
}

// Take takes one place of a key.
func (l *Limiter) Take(key string, now time.Time) Taken {
	if l == nil {
		return Taken{OK: true, Left: math.MaxInt}
	}
	s, hash := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.UnixNano()
	d, known := s.debt[hash]
	d = l.rule.current(d, at)
	if wait := l.rule.wait(d, at); wait > 0 {
		l.lastRefused.Store(at)
		return Taken{Reset: time.Duration(d.until - at), Wait: wait}
	}
	if !known && len(s.debt) >= l.rule.Keys/shards {
		s.makeRoom(at)
	}
	d, left := l.rule.take(d, at)
	s.debt[hash] = d
	return Taken{OK: true, Left: left, Reset: time.Duration(d.until - at)}
}

// GiveBack gives back the place that Take took for a key at the given time. It does
// nothing if the key was evicted.
func (l *Limiter) GiveBack(key string, taken time.Time) {
	if l == nil {
		return
	}
	s, hash := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	d, known := s.debt[hash]
	if !known {
		return
	}
	if d = l.rule.giveBack(d, taken.UnixNano()); d.until > taken.UnixNano() {
		s.debt[hash] = d
	} else {
		delete(s.debt, hash)
	}
}

// Wait returns how long until a key has a place: 0 if it has one now.
func (l *Limiter) Wait(key string, now time.Time) time.Duration {
	if l == nil {
		return 0
	}
	s, hash := l.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.UnixNano()
	return l.rule.wait(l.rule.current(s.debt[hash], at), at)
}

// refusedLately reports whether Take refused within the rule's time before now.
func (l *Limiter) refusedLately(now time.Time) bool {
	return now.UnixNano()-l.lastRefused.Load() <= int64(l.rule.Per)
}

func (l *Limiter) shard(key string) (*shard, uint64) {
	hash := maphash.String(l.seed, key)
	return &l.shards[hash%shards], hash
}

// makeRoom evicts at least one key of a few that the iteration over the map yields at
// random: those without debt, or else the one with the least.
func (s *shard) makeRoom(now int64) {
	var least uint64
	until, seen, dropped := int64(math.MaxInt64), 0, false
	for key, d := range s.debt {
		if d.until <= now {
			delete(s.debt, key)
			dropped = true
		} else if d.until < until {
			least, until = key, d.until
		}
		if seen++; seen == examined {
			break
		}
	}
	if !dropped {
		delete(s.debt, least)
	}
}
