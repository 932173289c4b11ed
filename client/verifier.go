package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// ErrInvalidToken says that a secret opens nothing now: it is unknown, revoked,
// disabled or expired, or its owner is deactivated. Nobody is told which.
var ErrInvalidToken = errors.New("the token is not good")

// ErrUnavailable says that nobody knows now whether a token is good. Errors of
// Verify that wrap it say why.
var ErrUnavailable = errors.New("tokens cannot be verified now")

// VerifierOptions are the choices of a Verifier. The zero value has good ones.
type VerifierOptions struct {
	// Size is how many tokens are remembered at most; 0: 10,000 (about 10 MB).
	Size int
	// Timeout is how long one question to the server may take; 0: one second.
	Timeout time.Duration
	// AcceptStale lets a token that was good still be good while the server cannot
	// be asked, for so long after the lease has ended: also one that was revoked
	// meanwhile. 0, the default: nobody is let in whom nobody knows to be good.
	AcceptStale time.Duration
	// Log hears when the server cannot be followed, and when it can again; nil: nobody.
	Log *slog.Logger
	// Clock tells the time; nil: time.Now.
	Clock func() time.Time
}

// Verifier tells in process, in microseconds, whether a token is good: it asks the
// server once, remembers the answer, and follows the server's feed to forget it in
// time. While the feed is heard, a revoked token is refused within a quarter of the
// server's lease (250 ms by default). When it is not heard for the length of the
// lease, every verification asks the server, and when that fails the answer is
// ErrUnavailable. It is safe for concurrent use.
//
// The client it is made of needs the permission introspect_tokens; the role
// system_token_verifier has just that.
type Verifier struct {
	client *Client
	o      VerifierOptions
	cache  *cache
	lease  lease
	asking chan struct{} // holds one for each question under way
}

const (
	defaultSize     = 10_000
	defaultQuestion = time.Second
	questionsAtOnce = 64

	// longestKept is how long an answer is given before the server is asked again
	// though nothing has happened, so that it learns that the token is still in use.
	longestKept = time.Hour
)

// NewVerifier makes a verifier. It asks the server every time until Run follows
// the feed.
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

// Verify returns whose a secret is: ErrInvalidToken when it opens nothing, and an
// error that wraps ErrUnavailable when nobody knows.
func (v *Verifier) Verify(ctx context.Context, secret string) (*Identity, error) {
	now := v.o.Clock()
	key := sha256.Sum256([]byte(secret))
	e := v.cache.get(key)
	if e != nil && now.Sub(e.at) < longestKept && v.counts(e, now, 0) {
		return alive(e.identity, now)
	}
	identity, err := v.ask(ctx, key, secret)
	if e != nil && errors.Is(err, ErrUnavailable) {
		// Meanwhile it may have expired, or the lease have ended.
		if now = v.o.Clock(); v.counts(e, now, v.o.AcceptStale) {
			return alive(e.identity, now)
		}
	}
	return identity, err
}

// counts reports whether a remembered answer may be given at now, or could have been
// so long before.
func (v *Verifier) counts(e *entry, now time.Time, longer time.Duration) bool {
	return v.lease.holds(now, longer) && v.cache.marks.clear(e.identity.UserID, e.asOf)
}

// Following reports whether the server's feed is heard now, so that what is
// remembered counts.
func (v *Verifier) Following() bool { return v.lease.holds(v.o.Clock(), 0) }

// alive refuses a token that has expired since the server was asked.
func alive(i *Identity, now time.Time) (*Identity, error) {
	if !i.ExpiresAt.IsZero() && !now.Before(i.ExpiresAt) {
		return nil, ErrInvalidToken
	}
	return i, nil
}

// ask asks the server, and remembers a good answer. Secrets that open nothing are
// not remembered: a stranger's guesses take no room.
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
		return nil, ErrInvalidToken
	}
	now := v.o.Clock()
	e := &entry{identity: newIdentity(in), at: now, asOf: asOf}
	// Another node of the server may be behind the one whose feed is followed; what
	// it says is as good as the lease allows, and not to be kept.
	if heard.reachedBy(in.Position) {
		v.cache.set(key, e)
	}
	return alive(e.identity, now)
}
