package client

import (
	"crypto/sha256"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

type digest = [sha256.Size]byte

// entry is a good answer, when it came, and how many events had been applied when it
// was asked for.
type entry struct {
	identity *Identity
	at       time.Time
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

// position returns how far the feed was heard.
func (c *cache) position() position {
	if p := c.head.Load(); p != nil {
		return *p
	}
	return position{}
}
