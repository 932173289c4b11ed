package client

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

const markCount = 1 << 12

// marks record the last event of each owner, by a hash of the owner's id. If two owners
// share a mark, an event of one costs the other one request to the server.
type marks struct {
	seed  maphash.Seed
	mu    sync.Mutex    // held while events are applied, so that marks only rise
	count atomic.Uint64 // events applied
	all   atomic.Uint64 // the last event that concerns all owners
	mark  [markCount]atomic.Uint64
}

func (m *marks) slot(owner string) *atomic.Uint64 {
	return &m.mark[maphash.String(m.seed, owner)%markCount]
}

func (m *marks) applied() uint64 { return m.count.Load() }

func (m *marks) clear(owner string, asOf uint64) bool {
	return m.slot(owner).Load() <= asOf && m.all.Load() <= asOf
}

// apply applies the feed's events. The caller renews the lease after it.
func (c *cache) apply(f Feed) {
	m := &c.marks
	m.mu.Lock()
	defer m.mu.Unlock()
	// Set the position before the events: an answer that is asked for from now on must not
	// be cached if its node has not applied them.
	p := parsePosition(f.Position)
	c.head.Store(&p)
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
}
