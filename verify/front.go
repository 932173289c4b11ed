package verify

import (
	"net/http"
	"time"

	"jeton/authn"
	"jeton/limit"
	"jeton/web"
)

// Options is what verification is made of. Service and Cache are needed; the cache
// is one whose Options.Render is Render. Public is the issuer of introspection. Used
// is called for verifications too; Answered is called for all else.
type Options struct {
	web.Options
	Cache *authn.Cache
	// Verified is called for each verification when its answer is ready. It must not
	// block. Nil: nothing is measured.
	Verified func(how Outcome, took time.Duration)
	Settings
}

// Settings are the choices of who runs the server.
type Settings struct {
	MalformedStatus int        // of a request whose credentials cannot be read: 401, or 400 as RFC 6750 has it; 0: 401
	Sessions        bool       // the secrets of log-in sessions are good, too
	PerToken        limit.Rate // verifications of one token
	PerAddress      limit.Rate // verifications that one network asks for
	// Unknown is how many secrets that open nothing one address may send; what it
	// sends beyond is answered 429. Good tokens, and those that were good once, are
	// neither counted nor refused.
	Unknown limit.Rate
	LogEach bool // each verification has a line in the log
}

// Front answers what this package owns.
type Front struct {
	Options
	malformed  int
	watched    bool           // somebody wants to know how verifications end
	perToken   *limit.Limiter // these four: nil without such a limit
	perAddress *limit.Limiter
	unknown    *limit.Limiter
	revokes    *limit.Limiter
	funnel     *web.Funnel
	others     http.Handler
	outages    outages
}

// New makes the front.
func New(o Options) *Front {
	o.Options = o.WithDefaults()
	f := &Front{
		Options: o, malformed: o.MalformedStatus, watched: o.Verified != nil || o.LogEach,
		perToken:   limit.New(limit.Rule{Name: "token", Rate: o.PerToken}),
		perAddress: limit.New(limit.Rule{Name: "address", Rate: o.PerAddress}),
		unknown:    limit.New(limit.Rule{Name: "unknown", Rate: o.Unknown}),
		revokes:    limit.New(limit.RevocationsOfNetwork),
	}
	if f.malformed == 0 {
		f.malformed = http.StatusUnauthorized
	}
	f.funnel = &web.Funnel{Options: o.Options, Fail: fail}
	f.others = f.funnel.Wrap(f.routes())
	return f
}

// Before returns a handler that answers what this package owns, and hands the rest
// on. Verification comes first of all, before any router.
func (f *Front) Before(rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case takes(r.URL):
			f.verify(w, r)
		case under(r.URL.Path, "/oauth2"), under(r.URL.Path, "/feed"):
			f.others.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

// routes is every route but verification.
func (f *Front) routes() http.Handler {
	post, get := []string{http.MethodPost}, []string{http.MethodGet, http.MethodHead}
	routes := map[string]struct {
		methods []string
		handler web.Handler
	}{
		"/oauth2/introspect": {post, f.introspect},
		"/oauth2/revoke":     {post, f.revoke},
		"/feed":              {get, f.feed},
	}
	handlers := map[string]http.HandlerFunc{}
	for path, route := range routes {
		handlers[path] = f.funnel.Route(path, web.Open, allowing(route.methods, route.handler))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := handlers[r.URL.Path]; ok {
			h(w, r)
			return
		}
		w.(*web.Call).NotFound(r, "")
	})
}
