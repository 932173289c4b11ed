package verify

import (
	"io"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"jeton"
	"jeton/limit"
	"jeton/web"
)

// maxForm is the longest request body, in bytes: a form holds one token.
const maxForm = 8 << 10

// paramMalformed is the parameter of codeChallenged if there are credentials, but malformed ones.
const paramMalformed = "malformed"

// caller sets c.Actor from the Authorization header, the only credentials that it reads,
// and checks the actor's permission by may.
func (f *Front) caller(c *web.Call, may func(jeton.Actor) error) error {
	secret, how := bearer(c.Request.Header["Authorization"])
	switch how {
	case nothing:
		return &jeton.Error{Code: codeChallenged}
	case malformed:
		return &jeton.Error{Code: codeChallenged, Param: paramMalformed}
	}
	if err := c.MayLookUp(secret); err != nil {
		return err
	}
	v, err := f.Cache.Verify(c.Context(), secret, true)
	if err = c.Counted(err); err != nil {
		return err
	}
	f.used(&v.Actor, c.Address)
	c.Actor = v.Actor
	c.Actor.Address, c.Actor.Network = c.Address, limit.Network(c.Address)
	return may(c.Actor)
}

// form returns the token in the request body. It does not read the URL: a secret must not
// be there.
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
		c.Header().Set("Connection", "close") // do not read the rest of the body
		return "", &jeton.Error{Code: jeton.CodeBodyTooLarge}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || len(values["token"]) != 1 {
		return "", web.InvalidBody("token")
	}
	secret := strings.Trim(values["token"][0], whiteSpace)
	if secret == "" {
		return "", web.InvalidBody("token")
	}
	return secret, nil
}

// whiteSpace is what is cut off a token: one that is read from a file ends in a newline.
const whiteSpace = " \t\r\n"

// introspection is the answer of RFC 7662, 2.2, with two additions: all permissions, and a
// position. Events of the feed after that position may make the answer out of date.
type introspection struct {
	Active      bool     `json:"active"`
	Scope       string   `json:"scope"` // the organisation's own permissions, separated by spaces
	Username    string   `json:"username"`
	TokenType   string   `json:"token_type"`
	ExpiresAt   int64    `json:"exp,omitempty"` // Unix seconds, as in RFC 7662; rounded down
	IssuedAt    int64    `json:"iat"`
	Subject     string   `json:"sub"`
	Issuer      string   `json:"iss,omitempty"`
	ID          string   `json:"jti"`
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`
	ExpiresAtMS int64    `json:"expires_at_ms"`      // 0: never
	Position    string   `json:"position,omitempty"` // empty: the node has not read the journal yet
}

var inactive = []byte(`{"active":false}`)

// introspect describes a token (RFC 7662).
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
	f.used(&a, "") // a client presented the token to the caller; its address is not known
	permissions, ends := a.Permissions(), f.ends(&a)
	return introspection{
		Active: true, Scope: strings.Join(scopesOf(permissions), " "), Username: a.Username, TokenType: "Bearer",
		ExpiresAt: ends / 1000, IssuedAt: a.Since / 1000, Subject: a.ID, Issuer: f.issuer(), ID: a.ViaID,
		Roles: append([]string{}, a.Roles...), Permissions: append([]string{}, permissions...),
		ExpiresAtMS: ends, Position: position(before),
	}, nil
}

// ends returns when a client that caches the answer must ask again, in Unix milliseconds; 0:
// never. A session that ends when it is not used has to be asked about within half the
// limit, because the server does not see what the client's cache answers.
func (f *Front) ends(a *jeton.Actor) int64 {
	idle := f.Service.Settings().SessionIdle
	if a.Kind != jeton.KindSession || idle <= 0 {
		return a.ExpiresAt
	}
	return min(a.ExpiresAt, f.Clock().Add(idle/2).UnixMilli())
}

func (f *Front) issuer() string {
	if f.Public == nil {
		return ""
	}
	return f.Public.String()
}

// revoke revokes the token of a secret, or ends its session (RFC 7009). The caller needs nothing but
// the secret. The answer does not tell whether there was a token or session. What cannot
// be a secret is refused: the caller must not take it for revoked.
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

// position returns a position as text: the epoch, a dot, the number.
func position(h jeton.Head) string { return jeton.Receipt(h).String() }

// parsePosition parses the text of position. It accepts no other form of a number.
func parsePosition(s string) (jeton.Head, bool) {
	epoch, number, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	h := jeton.Head{Epoch: epoch, Position: n}
	return h, err == nil && n >= 0 && jeton.ValidID(epoch) && position(h) == s
}
