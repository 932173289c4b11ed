package jeton

import "time"

// Limits bound what clients repeat. Package limit implements them; the rules, and
// how many clients are remembered at once, are its own. A network is what the
// limits count as one client: an IPv4 address, or the /64 of an IPv6 address.
// Methods are safe for concurrent use and do not block.
type Limits interface {
	// LogIn takes a place for a comparison of a password of an account, from a
	// network. wait > 0: there is none, and the next comes free after it. Otherwise
	// giveBack gives the place back; the caller calls it once, if the attempt turned
	// out not to be a failure.
	LogIn(account, network string, now time.Time) (giveBack func(), wait time.Duration)

	// Refusal reports whether a network may add one more line of refusals to the
	// journal.
	Refusal(network string, now time.Time) bool
}

// loginGuard counts failed log-ins by account and by network. An attempt takes its
// place before the password is compared and gives it back if the password was
// right, so that many attempts at once get no more tries than one after the other.
type loginGuard struct {
	limits Limits
	clock  Clock
}

// attempt is one log-in under way.
type attempt struct{ giveBack func() }

// begin takes a place for an attempt on an account from a network. wait > 0: there
// is none, and the next comes free after it.
func (g *loginGuard) begin(account, network string) (a *attempt, wait time.Duration) {
	giveBack, wait := g.limits.LogIn(account, network, g.clock())
	if wait > 0 {
		return nil, wait
	}
	return &attempt{giveBack}, 0
}

// forgive gives the attempt's place back: the password was right, or was never
// compared. A nil attempt took none.
func (a *attempt) forgive() {
	if a != nil {
		a.giveBack()
	}
}
