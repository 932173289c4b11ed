package authn

import (
	"sync/atomic"
	"time"
)

// lease says how long the cache may be used without a new read of the journal.
type lease struct {
	length time.Duration
	sent   atomic.Pointer[time.Time] // when the last completed read of the journal was sent
}

// renew counts the lease from the moment a read, now complete, was sent.
func (l *lease) renew(sent time.Time) { l.sent.Store(&sent) }

// holds reports whether the lease holds at now. If the machine slept or its clock was
// set, the wall clock and the monotonic clock disagree. The age of the last read is then
// not known, and the lease does not hold.
func (l *lease) holds(now time.Time) bool {
	sent := l.sent.Load()
	if sent == nil {
		return false
	}
	return l.agree(now.Sub(*sent), time.Duration(now.UnixNano()-sent.UnixNano()))
}

// agree reports whether the time since the last read is within the lease by the monotonic
// clock, and the wall clock differs from that by no more than half a lease.
func (l *lease) agree(passed, wall time.Duration) bool {
	drift := wall - passed
	return passed <= l.length && drift <= l.length/2 && drift >= -l.length/2
}
