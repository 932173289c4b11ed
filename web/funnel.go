package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync/atomic"

	"jeton"
	"jeton/limit"
)

// Authenticator returns the actor of a secret. It fails with an *jeton.Error:
// CodeUnauthenticated if the secret is not valid, CodeAuthFailed if that cannot be
// decided now.
//
// Its cause is authn.ErrUnknown if there is no record of the secret.
type Authenticator interface {
	Actor(ctx context.Context, secret string) (jeton.Actor, error)
	// Cached reports whether Actor can answer without the database.
	Cached(secret string) bool
}

// Limits of a request, in bytes.
const (
	MaxURL    = 2048
	MaxBody   = 300_000 + 512
	MaxHeader = 32 << 10
)

// CodeTokenInQuery says that the request has its secret in the URL, which logs and
// browser histories would keep.
const CodeTokenInQuery jeton.Code = "token_in_query"

// CodeMethodRefused says that no route can have the request's method: see ValidMethod.
const CodeMethodRefused jeton.Code = "method_refused"

// Handler answers one call with a value or an error. The value is a Reply, an
// Appender, a []byte that is written unchanged, or any value that encoding/json
// encodes.
type Handler func(c *Call) (any, error)

// Funnel handles every request of a front. Its fields are set once, before the first
// request.
type Funnel struct {
	Options
	Fail    func(c *Call, err error) // writes an error in the front's own shape
	Cookies Cookies
	Version string // X-Version-Id; empty: not sent
	// Storable answers have no Cache-Control, only "Expires: 0", as Mattermost's have: its
	// JavaScript client reads X-Version-Id only then. Those of Call.Reveal stay no-store.
	Storable bool

	version []string

	lines, linesOfNetwork *limit.Limiter // of the log: see mayLog
	unlogged              atomic.Int64   // lines that were left out since the last one
}

// Wrap returns the handler of a server: the funnel around a router whose handlers come
// from Route.
func (f *Funnel) Wrap(router http.Handler) http.Handler {
	f.Options = f.WithDefaults()
	f.lines, f.linesOfNetwork = limit.New(limit.LogLines), limit.New(limit.LogLinesOfNetwork)
	if f.Version != "" {
		f.version = []string{f.Version}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, router) })
}

// serve handles one request. The router passes the call on as the ResponseWriter, so
// that no context has to be allocated for it.
func (f *Funnel) serve(w http.ResponseWriter, r *http.Request, router http.Handler) {
	c := calls.Get().(*Call)
	start := f.Clock()
	*c = Call{Request: r, ID: jeton.NewID(start, rand.Reader), Address: f.Proxies.address(r), funnel: f, w: w}
	f.headers(c)
	defer f.finish(c, start)
	if len(r.RequestURI) > MaxURL {
		f.fail(c, &jeton.Error{Code: jeton.CodeURLTooLong})
		return
	}
	router.ServeHTTP(c, r)
}

// Access says which callers a route admits.
type Access int

// The values of Access. The zero value is the strictest.
const (
	Required Access = iota // a valid credential, or 401
	Optional               // a valid credential gives the call an actor; any other is ignored
	Open                   // credentials are not read
)

// Route returns the handler of one route. The pattern is the route's name in logs.
func (f *Funnel) Route(pattern string, access Access, h Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := w.(*Call)
		c.Request, c.pattern = r, pattern
		if err := f.admit(c, access); err != nil {
			f.fail(c, err)
			return
		}
		if v, err := h(c); err != nil {
			f.fail(c, err)
		} else if err := c.answer(v); err != nil {
			f.fail(c, err)
		}
	}
}

// admit sets the call's actor, as far as the route needs it.
func (f *Funnel) admit(c *Call, access Access) error {
	if access == Open {
		return nil
	}
	given := CredentialOf(c.Request)
	if given.Secret == "" {
		switch {
		case access == Optional:
			return nil
		case tokenInQuery(c.Request.URL.RawQuery):
			return &jeton.Error{Code: CodeTokenInQuery}
		}
		return unauthenticated()
	}
	if err := c.MayLookUp(given.Secret); err != nil {
		return err
	}
	actor, err := f.Auth.Actor(c.Request.Context(), given.Secret)
	if err = c.Counted(err); jeton.CodeOf(err) == jeton.CodeTooManyUnknown {
		return err
	}
	bad := jeton.CodeOf(err) == jeton.CodeUnauthenticated
	if err != nil && !bad {
		return err
	}
	if bad && access == Required && given.Cookie {
		c.cookies().Clear(c, AuthCookie)
	}
	if bad && access == Optional {
		return nil
	}
	// A forgeable request with a valid session is refused on every route: without an
	// actor it would look as if it had worked.
	if bad || given.Cookie && forgeable(c.Request, given.Secret) {
		return unauthenticated()
	}
	c.Actor = actor
	c.Actor.Address, c.Actor.Network = c.Address, limit.Network(c.Address)
	if f.Used != nil && actor.Kind == jeton.KindToken {
		f.Used(actor.ViaID, c.Address, f.Clock().UnixMilli())
	}
	return nil
}

// Identify sets the actor of a call on an Open route, if its credential is valid. One that
// is not valid, or cannot be checked now, counts as none.
func (c *Call) Identify() { _ = c.funnel.admit(c, Optional) }

func unauthenticated() error { return &jeton.Error{Code: jeton.CodeUnauthenticated} }
