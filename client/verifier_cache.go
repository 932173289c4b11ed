package client

import (
	"crypto/sha256"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

type digest = [sha256.Size]byte

// entry is a good answer.
type entry struct {
	identity *Identity
	at       time.Time // when the answer came
	asOf     uint64    // the number of events applied when the request was sent
}

const shardCount = 64

// cache holds good answers by the digest of the secret.
type cache struct {
	shards [shardCount]shard
	marks  marks
	head   atomic.Pointer[position]
}

// shard holds two generations. An entry that is used moves to the young one. When the
// young one is full, it replaces the old one, and entries that were not used are dropped.
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

// set stores an entry unless the present one is newer.
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

// position returns the position up to which the cache has applied the feed.
func (c *cache) position() position {
	if p := c.head.Load(); p != nil {
		return *p
	}
	return position{}
}
