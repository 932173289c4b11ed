package authn

import (
	"context"
	"errors"
	"time"

	"jeton"
)

// ErrUnknown is the cause of a CodeUnauthenticated that Verify returns for what
// never opened anything: no secret of ours by its look, or one that nobody was
// given. A token that is disabled, expired, revoked or replaced is known.
var ErrUnknown = errors.New("unknown secret")

var (
	errNeverWas  = &jeton.Error{Code: jeton.CodeUnauthenticated, Err: ErrUnknown}
	errManyLooks = errors.New("too many look-ups are under way, or this one takes too long")
)

// looksAtOnce bounds the look-ups of Verify that are under way, so that a database
// that hangs does not gather goroutines; lookTime is when one is given up.
const (
	looksAtOnce = 256
	lookTime    = 5 * time.Second
)

// View is a good credential with all that follows from it and from the roles of
// the moment. What it points to is shared by all who ask, so nobody may change any
// of it, nor keep it: with it all roles of that moment stay in memory.
type View struct {
	Actor    jeton.Actor
	Rendered any // what Options.Render made of the actor; nil without it
}

// Verify returns who a secret belongs to, as Actor does, but waits for the
// database no longer than Options.Timeout. Log-in sessions count only where they
// are asked for. It fails with CodeUnauthenticated, its cause ErrUnknown where the
// secret never opened anything, and with CodeAuthFailed where nobody knows. From
// memory it allocates nothing.
func (c *Cache) Verify(ctx context.Context, secret string, sessions bool) (View, error) {
	d, kind := c.settings.Secrets.Parse(secret)
	switch {
	case kind == jeton.KindNone:
		return View{}, errNeverWas
	case kind == jeton.KindSession && !sessions:
		return View{}, errUnauthenticated
	}
	now := c.clock()
	e, roles := c.remembered(d, now), c.rememberedRoles(now)
	if e == nil || roles == nil {
		var err error
		if e, roles, err = c.lookUp(ctx, d, kind); err != nil {
			return View{}, err
		}
		now = c.clock() // it may have expired while it was looked for
	}
	if !e.credential.Usable(now.UnixMilli(), c.settings.TokensEnabled) {
		return View{}, errUnauthenticated
	}
	v := View{Actor: e.credential.Actor(roles.table), Rendered: e.rendered}
	if c.renderer != nil && e.roles != roles.number {
		v.Rendered = c.render(d, e, v.Actor, roles.number)
	}
	return v, nil
}

// render remembers a credential anew with what follows from the roles, but without
// those themselves: a token that is not asked for again would keep alive all that
// has changed since. The new entry is as old as the one that it replaces, so it
// counts no longer than that.
func (c *Cache) render(d jeton.Digest, e *credentialEntry, a jeton.Actor, roles uint64) any {
	made := &credentialEntry{credential: e.credential, asOf: e.asOf, roles: roles}
	made.rendered, made.weight = c.renderer(a)
	c.credentials.Set(d, made)
	return made.rendered
}

type looked struct {
	entry *credentialEntry
	roles *rolesEntry
	err   error
}

// lookUp asks the database, and gives up waiting, but not asking, when the time is
// over: what is found later is remembered for the next who asks.
func (c *Cache) lookUp(ctx context.Context, d jeton.Digest, kind jeton.Kind) (*credentialEntry, *rolesEntry, error) {
	wait, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.looks <- struct{}{}:
	case <-wait.Done():
		return nil, nil, unknown(errManyLooks)
	}
	found := make(chan looked, 1)
	work, done := context.WithTimeout(context.WithoutCancel(ctx), lookTime)
	go func() {
		defer func() { done(); <-c.looks }()
		var l looked
		if l.entry, l.err = c.fill(work, d, kind); l.err == nil {
			if l.roles, l.err = c.roleTable(work, c.clock()); l.err != nil {
				l.err = unknown(l.err)
			}
		}
		found <- l
	}()
	select {
	case l := <-found:
		return l.entry, l.roles, l.err
	case <-wait.Done():
		return nil, nil, unknown(errManyLooks)
	}
}
