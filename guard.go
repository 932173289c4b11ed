package jeton

import "time"

// Limits are the rate limits of the use cases. Package limit implements them and owns
// the rates. A network is what the limits count as one client: an IPv4 address, or the
// /64 of an IPv6 address. Methods are safe for concurrent use and do not block.
type Limits interface {
	// LogIn takes a place for one comparison of an account's password, for a client in
	// a network. wait > 0: there is no place; the next comes free after that time.
	// wait 0: giveBack gives the place back. The caller calls it once if the attempt
	// did not fail.
	LogIn(account, network string, now time.Time) (giveBack func(), wait time.Duration)

	// Refusal reports whether a refusal of an actor (empty: not known) in a network may
	// begin one more line of the journal of a kind, and counts the line.
	Refusal(kind RefusalLine, actor, network string, now time.Time) bool
}

// loginGuard limits failed log-ins by account and by network. An attempt takes a place
// before the password is compared, and gives it back if the password is right: parallel
// attempts get no more tries than sequential ones.
type loginGuard struct {
	limits Limits
	clock  Clock
}

// attempt is one log-in that has taken a place.
type attempt struct{ giveBack func() }

// begin takes a place for an attempt. wait > 0: there is no place; the next comes free
// after that time.
func (g *loginGuard) begin(account, network string) (a *attempt, wait time.Duration) {
	giveBack, wait := g.limits.LogIn(account, network, g.clock())
	if wait > 0 {
		return nil, wait
	}
	return &attempt{giveBack}, 0
}

// forgive gives the place back, because the password was right or was not compared. On a
// nil attempt it does nothing.
func (a *attempt) forgive() {
	if a != nil {
		a.giveBack()
	}
}
