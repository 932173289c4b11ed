package authn

import (
	"context"
	"errors"
	"time"

	"jeton"
)

// ErrUnknown is the cause of a CodeUnauthenticated from Verify when the store has no
// record of the secret: it is malformed, it was never issued, or its session has ended.
// A token that is disabled or expired is known. A revoked or replaced secret is known for
// as long as the store keeps retired secrets.
var ErrUnknown = errors.New("unknown secret")

var (
	errUnknownSecret = &jeton.Error{Code: jeton.CodeUnauthenticated, Err: ErrUnknown}
	errLookup        = errors.New("too many look-ups are running, or this one takes too long")
)

const (
	maxLookups    = 256             // look-ups at once: it bounds the goroutines when the database hangs
	lookupTimeout = 5 * time.Second // of the look-up itself; Options.Timeout bounds how long the caller waits
)

// View is the result of Verify for a usable credential. All callers share what it points
// to: a caller must not change it, and must not retain it, because it keeps one whole
// table of roles in memory.
type View struct {
	Actor    jeton.Actor
	Rendered any // the value of Options.Render for the actor; nil without Render
}

// Verify returns the actor of a secret, as Actor does, but waits for the database no
// longer than Options.Timeout. Without sessions it refuses the secrets of log-in sessions.
// It returns CodeUnauthenticated if no usable credential has that secret, with the cause
// ErrUnknown if there is no record of it, and CodeAuthFailed if the cache does not know and
// the database does not answer in time. A cache hit allocates nothing.
func (c *Cache) Verify(ctx context.Context, secret string, sessions bool) (View, error) {
	d, kind := c.settings.Secrets.Parse(secret)
	switch {
	case kind == jeton.KindNone:
		return View{}, errUnknownSecret
	case kind == jeton.KindSession && !sessions:
		return View{}, errUnauthenticated
	}
	e, roles, now, err := c.find(ctx, d, kind, c.timeout)
	if err != nil {
		return View{}, err
	}
	if e.credential.Kind == jeton.KindSession && !sessions || !c.usable(d, e, now) {
		return View{}, errUnauthenticated
	}
	v := View{Actor: e.credential.Actor(roles.table), Rendered: e.rendered}
	if c.renderer != nil && e.roles != roles.number {
		v.Rendered = c.render(d, e, v.Actor, roles.number)
	}
	return v, nil
}

// Cached reports whether a secret can be judged without the database: its credential is
// cached, or it is malformed.
func (c *Cache) Cached(secret string) bool {
	d, kind := c.settings.Secrets.Parse(secret)
	now := c.clock()
	return kind == jeton.KindNone || c.held(d, now) != nil && c.cachedRoles(now) != nil
}

// render renders a credential and replaces its entry in the cache. The new entry has
// the number of the roles, not a pointer to them: an unused entry must not keep an old
// table of roles in memory. It keeps the old entry's asOf, because the credential was not
// read again.
func (c *Cache) render(d jeton.Digest, e *credentialEntry, a jeton.Actor, roles uint64) any {
	made := &credentialEntry{credential: e.credential, asOf: e.asOf, roles: roles, activity: e.activity}
	made.rendered, made.weight = c.renderer(a)
	c.credentials.Set(d, made)
	return made.rendered
}

type lookupResult struct {
	entry *credentialEntry
	roles *rolesEntry
	err   error
}

// lookup reads a credential and the roles from the database. It waits no longer than
// limit. The read itself goes on after that, so that its result is cached for
// the next caller.
func (c *Cache) lookup(ctx context.Context, d jeton.Digest, kind jeton.Kind, limit time.Duration) (*credentialEntry, *rolesEntry, error) {
	wait, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case c.lookups <- struct{}{}:
	case <-wait.Done():
		return nil, nil, unavailable(errLookup)
	}
	found := make(chan lookupResult, 1)
	work, done := context.WithTimeout(context.WithoutCancel(ctx), lookupTimeout)
	go func() {
		defer func() { done(); <-c.lookups }()
		var l lookupResult
		if l.entry, l.err = c.fill(work, d, kind); l.err == nil {
			if l.roles, l.err = c.roleTable(work, c.clock()); l.err != nil {
				l.err = unavailable(l.err)
			}
		}
		found <- l
	}()
	select {
	case l := <-found:
		return l.entry, l.roles, l.err
	case <-wait.Done():
		return nil, nil, unavailable(errLookup)
	}
}
