package authn

import (
	"sync/atomic"
	"time"
)

// lease says until when the cache may be trusted.
type lease struct {
	length time.Duration
	sent   atomic.Pointer[time.Time] // when the last completed read of the journal was sent
}

// renew counts the lease from the moment a read, now complete, was sent.
func (l *lease) renew(sent time.Time) { l.sent.Store(&sent) }

// holds reports whether the lease holds at now. A machine that slept, or a clock
// that was set, shows as a difference between the wall clock and the monotonic
// one: then nobody knows how old the last read is.
func (l *lease) holds(now time.Time) bool {
	sent := l.sent.Load()
	if sent == nil {
		return false
	}
	return l.agree(now.Sub(*sent), time.Duration(now.UnixNano()-sent.UnixNano()))
}

// agree judges the time that passed by the monotonic clock and by the wall's.
func (l *lease) agree(passed, wall time.Duration) bool {
	drift := wall - passed
	return passed <= l.length && drift <= l.length/2 && drift >= -l.length/2
}
