package client

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

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
	// Before the events count as applied: whoever asks from then on must not keep the
	// answer of a node that has not heard of them.
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
