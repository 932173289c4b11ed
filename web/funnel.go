package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"jeton"
	"jeton/limit"
)

// Authenticator tells who a secret stands for. It fails with an *jeton.Error:
// CodeUnauthenticated for a secret that opens nothing, CodeAuthFailed when that
// cannot be found out now.
type Authenticator interface {
	Actor(ctx context.Context, secret string) (jeton.Actor, error)
}

// Limits of a request, in bytes.
const (
	MaxURL    = 2048
	MaxBody   = 300_000 + 512
	MaxHeader = 32 << 10
)

// CodeTokenInQuery says that a secret was given in the URL, where logs and
// histories would keep it. Only a web front can meet it.
const CodeTokenInQuery jeton.Code = "token_in_query"

// Handler answers one call: with what is to be written, or with an error. Either
// may be a Reply, or any value that encoding/json writes.
type Handler func(c *Call) (any, error)

// Funnel carries every request of a front. Its fields are set once, before the
// first request.
type Funnel struct {
	Auth    Authenticator
	Fail    func(c *Call, err error) // writes an error in the front's own shape
	Log     *slog.Logger
	Proxies Proxies
	Cookies Cookies
	Version string // X-Version-Id; empty: not sent
	// Used is told of each request that a token opened: its id, the client's
	// address, and Unix milliseconds. It must not block. Nil: nobody asks.
	Used func(tokenID, address string, at int64)
	// Answered is told of each call when it is over: its method and its route's
	// pattern as the log calls them, so neither is a client's invention, and its
	// status, which is StatusGone for a failure that a client caused by hanging up.
	// It must not block. Nil: nobody asks.
	Answered func(method, route string, status int, took time.Duration)
	Clock    jeton.Clock

	version []string
}

// Wrap returns the handler that a server is given: the funnel around a router
// whose handlers come from Route.
func (f *Funnel) Wrap(router http.Handler) http.Handler {
	if f.Clock == nil {
		f.Clock = time.Now
	}
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	if f.Version != "" {
		f.version = []string{f.Version}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, router) })
}

// serve brings one request through. The call itself is the ResponseWriter that
// the router hands on, so that no context has to be made to carry it.
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

// Access says what a route wants to know of its caller.
type Access int

// The ways of a route. The zero value asks for most.
const (
	Required Access = iota // a good credential, or 401
	Optional               // a good credential makes an actor; anything else makes nobody
	Open                   // credentials are not looked at
)

// Route returns the handler of one route. The pattern is what logs call it.
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

// admit finds out who is calling, as far as the route wants to know.
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
	actor, err := f.Auth.Actor(c.Request.Context(), given.Secret)
	bad := jeton.CodeOf(err) == jeton.CodeUnauthenticated
	if err != nil && !bad {
		return err
	}
	if bad && access == Required && given.Cookie {
		f.Cookies.Clear(c, AuthCookie)
	}
	if bad && access == Optional {
		return nil
	}
	// A forgeable request in a good session's name is refused on every route: as
	// nobody's it would seem to do what it did not.
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

func unauthenticated() error { return &jeton.Error{Code: jeton.CodeUnauthenticated} }
