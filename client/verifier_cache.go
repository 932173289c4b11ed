package client

import (
	"crypto/sha256"
	"hash/maphash"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

type digest = [sha256.Size]byte

// entry is a good answer, and how many events had been applied when it was asked for.
type entry struct {
	identity *Identity
	asOf     uint64
}

const shardCount = 64

// cache remembers good answers, by the digest of the secret.
type cache struct {
	shards [shardCount]shard
	marks  marks
	head   atomic.Pointer[position]
}

// shard holds two generations. What is asked for moves to the young one; when that
// is full, it becomes the old one, and what nobody asked for is gone.
type shard struct {
	mu         sync.RWMutex
	most       int
	young, old map[digest]*entry
}

func newCache(size int) *cache {
	c := &cache{marks: marks{seed: maphash.MakeSeed()}}
	for i := range c.shards {
		c.shards[i] = shard{most: max(1, size/shardCount/2), young: map[digest]*entry{}}
	}
	return c
}

func (c *cache) shard(key digest) *shard { return &c.shards[key[0]%shardCount] }

func (c *cache) get(key digest) *entry {
	s := c.shard(key)
	s.mu.RLock()
	e, young := s.young[key]
	if !young {
		e = s.old[key]
	}
	s.mu.RUnlock()
	if e != nil && !young {
		s.set(key, e)
	}
	return e
}

func (c *cache) set(key digest, e *entry) { c.shard(key).set(key, e) }

// set puts an entry in place of what there is, if that is not fresher.
func (s *shard) set(key digest, e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.young[key]; ok && have.asOf > e.asOf {
		return
	}
	if len(s.young) >= s.most {
		s.old, s.young = s.young, make(map[digest]*entry, s.most)
	}
	s.young[key] = e
}

const markCount = 1 << 12

// marks tell whether something was touched since it was asked for. Each owner
// hashes to one; two owners with the same cost each other a question now and then.
type marks struct {
	seed  maphash.Seed
	mu    sync.Mutex    // one event is applied at a time, so that marks only rise
	count atomic.Uint64 // events applied
	all   atomic.Uint64 // the one that touched everything
	mark  [markCount]atomic.Uint64
}

func (m *marks) slot(owner string) *atomic.Uint64 {
	return &m.mark[maphash.String(m.seed, owner)%markCount]
}

func (m *marks) applied() uint64 { return m.count.Load() }

func (m *marks) clear(owner string, asOf uint64) bool {
	return m.slot(owner).Load() <= asOf && m.all.Load() <= asOf
}

// apply takes in what the feed says, all of it before its answer counts.
func (c *cache) apply(f Feed) {
	m := &c.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.Reset {
		m.all.Store(m.count.Add(1))
	}
	for _, e := range f.Events {
		n := m.count.Add(1)
		if e.All || e.Owner == "" {
			m.all.Store(n)
			continue
		}
		for _, owner := range append(e.Also, e.Owner) {
			m.slot(owner).Store(n)
		}
	}
	p := parsePosition(f.Position)
	c.head.Store(&p)
}

// position returns how far the feed was heard.
func (c *cache) position() position {
	if p := c.head.Load(); p != nil {
		return *p
	}
	return position{}
}

// position is a place in the feed. The zero value is none.
type position struct {
	epoch  string
	number uint64
}

func parsePosition(text string) position {
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 {
		return position{}
	}
	n, err := strconv.ParseUint(text[dot+1:], 10, 64)
	if err != nil {
		return position{}
	}
	return position{text[:dot], n}
}

// String returns the position as the feed has it; "" for none.
func (p position) String() string {
	if p.epoch == "" {
		return ""
	}
	return p.epoch + "." + strconv.FormatUint(p.number, 10)
}

// reachedBy reports whether an answer given at a position knows all that was heard
// up to p.
func (p position) reachedBy(text string) bool {
	at := parsePosition(text)
	return p.epoch != "" && at.epoch == p.epoch && at.number >= p.number
}
