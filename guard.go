package jeton

import (
	"context"
	"time"
)

// Limits are the rate limits of the use cases. Package limit implements them and owns
// the rates. A network is what the limits count as one client: an IPv4 address, or the
// /64 of an IPv6 address. Methods are safe for concurrent use and do not block.
type Limits interface {
	// LogIn takes places for an attempt at a password.
	LogIn(a Attempt, now time.Time) Admission
	// Forget gives an account all places back that attempts at it took.
	Forget(account string, now time.Time)
	// Wide returns what shares a turn at the hashing of passwords: an IPv4 address, or the
	// /48 of an IPv6 address.
	Wide(network string) string

	// Refusal reports whether a refusal of an actor (empty: not known) in a network may
	// begin one more line of the journal of a kind, and counts the line.
	Refusal(kind RefusalLine, actor, network string, now time.Time) bool
}

// Attempt is one attempt at a password, before it is compared.
type Attempt struct {
	Account string // the user's id; empty: there is no such user
	Name    string // as the client named the account
	Network string
	Known   bool // the user logged in from the network in the last KnownFor
	Own     bool // the client is logged in as this user, and has to give the password again
}

// Admission is what the limits allow for an attempt.
type Admission struct {
	// Compare says whether the password can be compared. If not, it counts as wrong.
	Compare bool
	// Wait is for the answer to a wrong password: if positive, the client has to wait so
	// long for the next attempt. It does not depend on the account.
	Wait time.Duration
	// GiveBack gives the places back. The caller calls it once if the attempt did not fail.
	GiveBack func()
}

// KnownFor is how long a network is known to a user after a log-in from there.
const KnownFor = 90 * 24 * time.Hour

// passwordCheck is one attempt at a password.
type passwordCheck struct {
	name     string // as the client named the account
	own      bool   // see Attempt.Own
	password string
	network  string // the client's network, as rate limits count it
	failed   Code   // the error when the store fails
	refused  Event  // the entry of the journal for a wrong password
}

// checkPassword compares a password under the log-in guard. A password that is not compared
// counts as wrong. The answer to a wrong one, and the time that it takes, depend on what the
// client knows already, and not on the account: see docs/adr/0018.
func (s *Service) checkPassword(ctx context.Context, user User, c passwordCheck) (Comparison, error) {
	known, err := s.store.KnownAddress(ctx, user.ID, c.network, s.clock().Add(-KnownFor).UnixMilli())
	if err != nil {
		return Comparison{}, storeError(err, "", c.failed)
	}
	admitted := s.limits.LogIn(Attempt{
		Account: user.ID, Name: truncate(c.name, maxEmail), Network: c.network, Known: known, Own: c.own,
	}, s.clock())
	result := Comparison{Began: time.Now()}
	if admitted.Compare || admitted.Wait == 0 {
		if result, err = s.compare(ctx, user, c, admitted.Compare); err != nil {
			admitted.GiveBack()
			return Comparison{}, withCode(err, c.failed)
		}
	}
	if result.Right {
		admitted.GiveBack()
		return result, nil
	}
	s.refusals.add(c.network, c.refused)
	if admitted.Compare || admitted.Wait == 0 {
		s.countFailure(ctx, user, admitted.Compare)
	}
	pauseUntil(ctx, result.Began.Add(s.passwords.WrongTakes()))
	if admitted.Wait > 0 {
		return Comparison{}, &Error{Code: CodeTooManyRequests, RetryAfter: admitted.Wait}
	}
	return Comparison{}, nil
}

// compare compares the password with the user's. really false: with none, which takes the same
// place in the queue and as much work.
func (s *Service) compare(ctx context.Context, user User, c passwordCheck, really bool) (Comparison, error) {
	hash := user.PasswordHash
	if !really || user.ID == "" {
		hash = ""
	}
	return s.passwords.Compare(s.withOrigin(ctx, c.network, c.own), hash, c.password)
}

// withOrigin adds to ctx whose turn it is at the hashing of passwords. known: the client has
// shown who it is, and so does not wait among strangers, whatever its network.
func (s *Service) withOrigin(ctx context.Context, network string, known bool) context.Context {
	if network == "" {
		return ctx // a command on the server's own machine
	}
	wide := s.limits.Wide(network)
	return WithOrigin(ctx, Origin{Network: wide, Known: known || s.networks.has(wide)})
}

// countFailure counts a wrong password in the user's record. If nothing was compared it does
// the same for no user, which takes as long. A failure that cannot be counted stays one.
func (s *Service) countFailure(ctx context.Context, user User, compared bool) {
	id := user.ID
	if !compared || user.PasswordHash == "" {
		id = ""
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = s.store.AddFailure(ctx, id)
}

// pauseUntil waits until a time, or until ctx ends.
func pauseUntil(ctx context.Context, t time.Time) {
	wait := time.Until(t)
	if wait <= 0 {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// checkOwnPassword compares the actor's own password.
func (s *Service) checkOwnPassword(ctx context.Context, a Actor, user User, password string, action Action, failed Code) (bool, error) {
	result, err := s.checkPassword(ctx, user, passwordCheck{
		own: true, password: password, network: a.Network, failed: failed,
		refused: Event{Actor: a.ID, Via: a.Via(), Action: action, Target: user.ID, Detail: Detail{Owner: user.ID, Address: a.Address}},
	})
	return result.Right, err
}
