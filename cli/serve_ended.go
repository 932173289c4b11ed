package cli

import (
	"time"

	"github.com/spf13/pflag"

	"jeton/jobs"
)

// endedFlags are the settings of what is over: sessions that are not used, and tokens that
// expired.
type endedFlags struct {
	sessionIdle time.Duration // 0: no limit
	keepExpired int           // days
}

const (
	sessionIdleFlag = "session-idle"
	keepExpiredFlag = "keep-expired-days"
)

func (f *endedFlags) add(flags *pflag.FlagSet) {
	flags.DurationVar(&f.sessionIdle, sessionIdleFlag, 0, "how long a log-in session lasts without use; 0: as long as with it")
	flags.IntVar(&f.keepExpired, keepExpiredFlag, jobs.DefaultKeepExpired, "for how many `days` a token that expired is listed, 1 to 3650")
}

func (f *endedFlags) check(wrong func(flag, format string, args ...any) error) error {
	if f.sessionIdle != 0 && f.sessionIdle < time.Second {
		return wrong(sessionIdleFlag, "%s is neither 0 nor at least a second", f.sessionIdle)
	}
	if f.keepExpired < 1 || f.keepExpired > 3650 {
		return wrong(keepExpiredFlag, "%d is not from 1 to 3650", f.keepExpired)
	}
	return nil
}
