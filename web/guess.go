package web

import (
	"errors"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/limit"
)

// MayLookUp fails where a secret would have to be looked up in the database for a
// network that sends too many unknown ones. Call it before a secret is judged.
func (c *Call) MayLookUp(secret string) error {
	f := c.funnel
	if f.Guesses.Alarmed(f.Clock) && !f.Auth.Cached(secret) {
		return c.overLimit(f.Guesses.Lookup, nil)
	}
	return nil
}

// Counted counts the secret that err says is unknown. It returns err, or another error
// where the client's network is over the limit.
func (c *Call) Counted(err error) error {
	if errors.Is(err, authn.ErrUnknown) {
		return c.overLimit(c.funnel.Guesses.Count, err)
	}
	return err
}

// overLimit takes a place. It returns otherwise if there is one.
func (c *Call) overLimit(take func(string, time.Time) limit.Taken, otherwise error) error {
	t := take(limit.Network(c.Address), c.funnel.Clock())
	if t.OK {
		return otherwise
	}
	c.funnel.Guesses.Limiter().SetHeaders(c.Header(), t)
	return &jeton.Error{Code: jeton.CodeTooManyUnknown, RetryAfter: t.Wait}
}
