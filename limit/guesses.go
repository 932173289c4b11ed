package limit

import "time"

// Guesses limits unknown secrets from one network, on all fronts together. A good
// secret is never counted. It needs no look-up while it is cached, and has look-ups of
// its own where a network is over the limit: those are limited too, so that guesses
// cannot keep the database busy. A nil *Guesses limits nothing. It is safe for
// concurrent use.
type Guesses struct{ unknown, lookups *Limiter }

// NewGuesses returns a limit of unknown secrets, or nil when the rate is zero.
func NewGuesses(r Rate) *Guesses {
	unknown := New(Rule{Name: "unknown", Rate: r})
	if unknown == nil {
		return nil
	}
	return &Guesses{unknown: unknown, lookups: New(LookupsOfNetwork)}
}

// Count counts an unknown secret. It is refused where the network is over the limit.
func (g *Guesses) Count(network string, now time.Time) Taken {
	if g == nil {
		return Taken{OK: true}
	}
	return g.unknown.Take(network, now)
}

// Alarmed reports whether any network was over the limit a short time ago: only then
// Lookup can refuse. It costs next to nothing.
func (g *Guesses) Alarmed(clock func() time.Time) bool {
	return g != nil && g.unknown.lastRefused.Load() != 0 && g.unknown.refusedLately(clock())
}

// Lookup counts a look-up in the database of a secret that is not cached, where the
// network is over the limit of unknown secrets.
func (g *Guesses) Lookup(network string, now time.Time) Taken {
	if g == nil || g.unknown.Wait(network, now) == 0 {
		return Taken{OK: true}
	}
	return g.lookups.Take(network, now)
}

// Limiter returns the limiter of unknown secrets, for its headers; nil: there is none.
func (g *Guesses) Limiter() *Limiter {
	if g == nil {
		return nil
	}
	return g.unknown
}
