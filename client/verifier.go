package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// ErrInvalidToken means that a token is not good: it is unknown, revoked, disabled or
// expired, or its owner is deactivated. The error does not say which.
var ErrInvalidToken = errors.New("the token is not good")

// ErrUnavailable means that a token could not be verified. Errors of Verify that wrap it
// give the reason.
var ErrUnavailable = errors.New("tokens cannot be verified now")

// VerifierOptions configures a Verifier. The zero value holds the defaults.
type VerifierOptions struct {
	// Size is the largest number of cached tokens; 0: 10,000 (about 10 MB).
	Size int
	// Timeout bounds one request to the server; 0: one second.
	Timeout time.Duration
	// AcceptStale is the time after the end of the lease for which cached tokens are
	// accepted while the server does not answer, also those that were revoked
	// meanwhile. 0, the default: none are accepted.
	AcceptStale time.Duration
	// Log gets a line when following the feed fails and when it works again; nil: none.
	Log *slog.Logger
	// Clock returns the current time; nil: time.Now.
	Clock func() time.Time
}

// Verifier verifies tokens inside the process, in microseconds. It asks the server once
// about each token, caches the answer, and follows the server's feed to drop answers that
// are out of date. While it reads the feed, it refuses a revoked token within a quarter of
// the server's lease (250 ms by default). If it cannot read the feed for the length of the
// lease, every verification asks the server; if that fails, the error is ErrUnavailable.
// It is safe for concurrent use.
//
// Its client needs the permission introspect_tokens; the role system_token_verifier holds
// only that.
type Verifier struct {
	client *Client
	o      VerifierOptions
	cache  *cache
	none   none
	lease  lease
	asking chan struct{} // holds one element for each introspection under way
}

const (
	defaultSize     = 10_000
	defaultQuestion = time.Second
	questionsAtOnce = 64

	// longestKept is the largest age of a cached answer. Then the verifier asks again, so
	// that the server sees that the token is in use.
	longestKept = time.Hour
)

// NewVerifier returns a verifier. It asks the server each time until Run follows the
// feed.
func NewVerifier(c *Client, o VerifierOptions) *Verifier {
	if o.Size <= 0 {
		o.Size = defaultSize
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultQuestion
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Verifier{client: c, o: o, cache: newCache(o.Size), asking: make(chan struct{}, questionsAtOnce)}
}

// Verify returns the identity of a secret. The error is ErrInvalidToken if the token is
// not good, and wraps ErrUnavailable if that could not be verified. It does not ask the
// server about a string that cannot be a secret.
func (v *Verifier) Verify(ctx context.Context, secret string) (*Identity, error) {
	now := v.o.Clock()
	key := sha256.Sum256([]byte(secret))
	e := v.cache.get(key)
	if e != nil && now.Sub(e.at) < longestKept && v.counts(e, now, 0) {
		return alive(e.identity, now)
	}
	if e == nil && v.lease.holds(now, 0) && v.none.holds(key, now, v.cache.marks.applied()) {
		return nil, ErrInvalidToken
	}
	if e == nil && !possibleSecret(secret) { // after the cache: a good secret pays nothing for it
		return nil, ErrInvalidToken
	}
	identity, err := v.ask(ctx, key, secret)
	if e != nil && errors.Is(err, ErrUnavailable) {
		// Meanwhile the token may have expired, or the lease may have ended.
		if now = v.o.Clock(); v.counts(e, now, v.o.AcceptStale) {
			return alive(e.identity, now)
		}
	}
	return identity, err
}

// counts reports whether a cached answer is valid at now, with the lease extended by
// longer.
func (v *Verifier) counts(e *entry, now time.Time, longer time.Duration) bool {
	return v.lease.holds(now, longer) && v.cache.marks.clear(e.identity.UserID, e.asOf)
}

// Following reports whether the lease holds, so that cached answers are used.
func (v *Verifier) Following() bool { return v.lease.holds(v.o.Clock(), 0) }

// alive refuses a token that has expired since the server answered.
func alive(i *Identity, now time.Time) (*Identity, error) {
	if !i.ExpiresAt.IsZero() && !now.Before(i.ExpiresAt) {
		return nil, ErrInvalidToken
	}
	return i, nil
}

// ask asks the server and caches a good answer. Other answers are cached apart, for a
// second: guessed secrets take no room of good ones.
func (v *Verifier) ask(ctx context.Context, key digest, secret string) (*Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, v.o.Timeout)
	defer cancel()
	select {
	case v.asking <- struct{}{}:
		defer func() { <-v.asking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %d questions are under way", ErrUnavailable, questionsAtOnce)
	}
	asOf, heard := v.cache.marks.applied(), v.cache.position()
	in, err := v.client.Introspect(ctx, secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if !in.Active {
		v.none.set(key, noneEntry{v.o.Clock(), asOf})
		return nil, ErrInvalidToken
	}
	now := v.o.Clock()
	e := &entry{identity: newIdentity(in), at: now, asOf: asOf}
	// Another node may be behind the one whose feed we follow. Its answer is within the
	// lease, but must not be cached.
	if heard.reachedBy(in.Position) {
		v.cache.set(key, e)
	}
	return alive(e.identity, now)
}
