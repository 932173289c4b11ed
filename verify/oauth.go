package verify

import (
	"errors"
	"io"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"jeton"
	"jeton/limit"
	"jeton/web"
)

// maxForm is the longest body, in bytes: a form holds one token.
const maxForm = 8 << 10

// paramMalformed marks the credentials that are there, but cannot be read.
const paramMalformed = "malformed"

func asError(err error) (*jeton.Error, bool) { return errors.AsType[*jeton.Error](err) }

// caller finds out who asks, by Authorization alone, and whether he may.
func (f *Front) caller(c *web.Call, may func(jeton.Actor) error) error {
	secret, how := bearer(c.Request.Header["Authorization"])
	switch how {
	case nothing:
		return &jeton.Error{Code: codeChallenged}
	case malformed:
		return &jeton.Error{Code: codeChallenged, Param: paramMalformed}
	}
	v, err := f.Cache.Verify(c.Context(), secret, true)
	if err != nil {
		return err
	}
	f.used(&v.Actor, c.Address)
	c.Actor = v.Actor
	c.Actor.Address, c.Actor.Network = c.Address, limit.Network(c.Address)
	return may(c.Actor)
}

// form returns the token of the body. What the URL holds is not looked at: secrets
// do not belong there.
func form(c *web.Call) (string, error) {
	kind, _, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return "", web.InvalidBody("token")
	}
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, maxForm+1))
	if err != nil {
		return "", web.InvalidBody("token")
	}
	if len(body) > maxForm {
		c.Header().Set("Connection", "close") // the rest is not worth reading
		return "", &jeton.Error{Code: jeton.CodeBodyTooLarge}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || len(values["token"]) != 1 || values["token"][0] == "" {
		return "", web.InvalidBody("token")
	}
	return values["token"][0], nil
}

// introspection is the answer of RFC 7662, 2.2, with what a service needs besides:
// all permissions, and the position of the feed from which on the answer may be out
// of date.
type introspection struct {
	Active      bool     `json:"active"`
	Scope       string   `json:"scope"` // the organisation's own permissions, with a space between
	Username    string   `json:"username"`
	TokenType   string   `json:"token_type"`
	ExpiresAt   int64    `json:"exp,omitempty"` // seconds, as RFC 7662 has it; rounded down
	IssuedAt    int64    `json:"iat"`
	Subject     string   `json:"sub"`
	Issuer      string   `json:"iss,omitempty"`
	ID          string   `json:"jti"`
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`
	ExpiresAtMS int64    `json:"expires_at_ms"` // 0: never
	Position    string   `json:"position,omitempty"`
}

var inactive = []byte(`{"active":false}`)

// introspect says what a token is (RFC 7662).
func (f *Front) introspect(c *web.Call) (any, error) {
	if err := f.caller(c, f.Service.MayIntrospect); err != nil {
		return nil, err
	}
	secret, err := form(c)
	if err != nil {
		return nil, err
	}
	before := f.Cache.Position()
	v, err := f.Cache.Verify(c.Context(), secret, f.Sessions)
	if jeton.CodeOf(err) == jeton.CodeUnauthenticated {
		return inactive, nil
	}
	if err != nil {
		return nil, err
	}
	a := v.Actor
	f.used(&a, "") // somebody presented it to who asks
	permissions := a.Permissions()
	return introspection{
		Active: true, Scope: strings.Join(scopesOf(permissions), " "), Username: a.Username, TokenType: "Bearer",
		ExpiresAt: a.ExpiresAt / 1000, IssuedAt: a.Since / 1000, Subject: a.ID, Issuer: f.issuer(), ID: a.ViaID,
		Roles: append([]string{}, a.Roles...), Permissions: append([]string{}, permissions...),
		ExpiresAtMS: a.ExpiresAt, Position: position(before),
	}, nil
}

func (f *Front) issuer() string {
	if f.Public == nil {
		return ""
	}
	return f.Public.String()
}

// revoke ends the token or session of a secret (RFC 7009). The caller needs nothing but
// the secret. The answer does not tell whether there was a token or session.
func (f *Front) revoke(c *web.Call) (any, error) {
	if t := f.revokes.Take(limit.Network(c.Address), f.Clock()); !t.OK {
		return nil, &jeton.Error{Code: jeton.CodeTooManyRequests, RetryAfter: t.Wait}
	}
	secret, err := form(c)
	if err != nil {
		return nil, err
	}
	receipt, err := f.Service.RevokeSecret(c.Context(), secret, c.Address)
	c.Changed(receipt)
	return []byte("{}"), err
}

// position writes a position: the epoch, a dot, the number.
func position(h jeton.Head) string { return jeton.Receipt(h).String() }

func parsePosition(s string) (jeton.Head, bool) {
	epoch, number, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	h := jeton.Head{Epoch: epoch, Position: n}
	return h, err == nil && n >= 0 && jeton.ValidID(epoch) && position(h) == s
}
