package jeton

import (
	"cmp"
	"slices"
	"time"
)

// Session is one log-in of a person. It does not contain the secret.
type Session struct {
	ID             string
	UserID         string
	CreateAt       int64
	ExpiresAt      int64
	LastActivityAt int64  // as the store knows it: see ActivityStep
	DeviceID       string // at most MaxDeviceID bytes
	Address        string // of the client at log-in: an IPv4 address, or an IPv6 network
	UserAgent      string // at most MaxUserAgent bytes
}

// The greatest lengths of a session's texts, in bytes.
const (
	MaxUserAgent = 256
	MaxDeviceID  = 512
)

const (
	// maxSessions is the most sessions of one user. A new one ends the oldest.
	maxSessions = 100
	// activityLag bounds how long after a use the store may still not know of it.
	activityLag = 2 * time.Minute
)

// ActivityStep returns in what steps the uses of a session are written, for a limit of
// inactivity (0: none): small beside the limit, and no more often than is useful.
func ActivityStep(idle time.Duration) time.Duration {
	const coarse, fine = 5 * time.Minute, time.Minute
	if idle <= 0 {
		return coarse
	}
	return min(idle/10, fine)
}

// ActivityBatch is the most sessions of which one transaction writes the activity.
const ActivityBatch = 500

// Activity is the last use of a session.
type Activity struct {
	SessionID string
	At        int64 // Unix milliseconds
}

// over reports whether the session has ended at now, as far as the store can tell: it
// expired, or was not used for idle (0: no limit).
func (s Session) over(now int64, idle time.Duration) bool {
	return s.ExpiresAt <= now || idle > 0 && s.LastActivityAt+(idle+activityLag).Milliseconds() <= now
}

// makeRoom sorts out a user's sessions before a new one is added: those that are over,
// those of the same device, which the new session replaces, and the oldest beyond
// maxSessions.
func makeRoom(all []Session, device string, now int64, idle time.Duration) (over, replaced, oldest []string) {
	newest := slices.SortedFunc(slices.Values(all), func(a, b Session) int {
		return cmp.Or(cmp.Compare(b.CreateAt, a.CreateAt), cmp.Compare(b.ID, a.ID))
	})
	live := 0
	for _, s := range newest {
		switch {
		case s.over(now, idle):
			over = append(over, s.ID)
		case device != "" && s.DeviceID == device:
			replaced = append(replaced, s.ID)
		case live == maxSessions-1:
			oldest = append(oldest, s.ID)
		default:
			live++
		}
	}
	return over, replaced, oldest
}
