package authn

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

const markCount = 1 << 14 // 128 KiB

// rolesMark is the name under which changes of roles are marked. No owner has it.
const rolesMark = "roles"

// marks tells whether something was touched since it was read.
type marks struct {
	seed  maphash.Seed
	mu    sync.Mutex    // one event is applied at a time, so that marks only rise
	count atomic.Uint64 // events applied
	all   atomic.Uint64 // the event that touched everything
	mark  [markCount]atomic.Uint64
}

func newMarks() *marks { return &marks{seed: maphash.MakeSeed()} }

func (m *marks) slot(name string) *atomic.Uint64 {
	return &m.mark[maphash.String(m.seed, name)%markCount]
}

// applied returns the number of the last event applied. Ask it before reading
// the database.
func (m *marks) applied() uint64 { return m.count.Load() }

// clear reports whether nothing touched name since asOf.
func (m *marks) clear(name string, asOf uint64) bool {
	return m.slot(name).Load() <= asOf && m.all.Load() <= asOf
}

// touch marks names as changed by one event.
func (m *marks) touch(names ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.count.Add(1)
	for _, name := range names {
		m.slot(name).Store(n)
	}
}

// touchAll marks everything as changed.
func (m *marks) touchAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.Store(m.count.Add(1))
}
