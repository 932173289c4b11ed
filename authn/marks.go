package authn

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

const markCount = 1 << 14 // 128 KiB

// rolesMark is the name that stands for all roles. No owner's id equals it.
const rolesMark = "roles"

// marks records the last event that changed each owner, and the roles. Names share slots by
// their hash: a collision causes a needless read, never a stale answer.
type marks struct {
	seed  maphash.Seed
	mu    sync.Mutex    // serialises events, so that a mark never decreases
	count atomic.Uint64 // the number of events applied
	all   atomic.Uint64 // the last event that changed every name
	mark  [markCount]atomic.Uint64
}

func newMarks() *marks { return &marks{seed: maphash.MakeSeed()} }

func (m *marks) slot(name string) *atomic.Uint64 {
	return &m.mark[maphash.String(m.seed, name)%markCount]
}

// applied returns the number of events applied. It is the asOf of a read of the database
// that begins after this call.
func (m *marks) applied() uint64 { return m.count.Load() }

// clear reports whether no event after asOf changed name.
func (m *marks) clear(name string, asOf uint64) bool {
	return m.slot(name).Load() <= asOf && m.all.Load() <= asOf
}

// touch records one event that changed names.
func (m *marks) touch(names ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.count.Add(1)
	for _, name := range names {
		m.slot(name).Store(n)
	}
}

// touchAll records one event that changed every name.
func (m *marks) touchAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.Store(m.count.Add(1))
}
