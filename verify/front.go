package verify

import (
	"net/http"
	"time"

	"jeton/authn"
	"jeton/limit"
	"jeton/web"
)

// Options configure a Front. Service and Cache are required; the cache's Options.Render
// must be Render. Public is the issuer in introspection. Used is called for verifications
// too. Answered is called for every request that is no verification.
type Options struct {
	web.Options
	Cache *authn.Cache
	// Verified is called for each verification when its answer is ready. It must not
	// block. Nil: it is not called.
	Verified func(o Outcome, took time.Duration)
	Settings
}

// Settings are the administrator's settings.
type Settings struct {
	MalformedStatus int        // the status for malformed credentials: 401, or 400 as in RFC 6750; 0: 401
	Sessions        bool       // accept the secrets of log-in sessions, too
	PerToken        limit.Rate // verifications of one token
	PerAddress      limit.Rate // verifications from one network
	// Unknown limits the malformed credentials and the unknown secrets (authn.ErrUnknown)
	// from one network. Those beyond the limit are answered 429. A secret with a record,
	// good or not, is neither counted nor refused, except that a network over the limit has
	// limit.LookupsOfNetwork look-ups of secrets that are not cached. web.Options.Guesses,
	// where it is set, is used instead. With Sessions, the secret of an ended
	// session is unknown: ended sessions leave no record.
	Unknown limit.Rate
	LogEach bool // log each verification
}

// Front answers the requests that this package owns.
type Front struct {
	Options
	malformed  int
	observed   bool           // Verified or LogEach is set
	perToken   *limit.Limiter // nil: no limit, as for the next two
	perAddress *limit.Limiter
	revokes    *limit.Limiter
	funnel     *web.Funnel
	others     http.Handler // every route except verification
	outages    outages
}

// New returns a Front.
func New(o Options) *Front {
	o.Options = o.WithDefaults()
	if o.Guesses == nil {
		o.Guesses = limit.NewGuesses(o.Unknown)
	}
	f := &Front{
		Options: o, malformed: o.MalformedStatus, observed: o.Verified != nil || o.LogEach,
		perToken:   limit.New(limit.Rule{Name: "token", Rate: o.PerToken}),
		perAddress: limit.New(limit.Rule{Name: "address", Rate: o.PerAddress}),
		revokes:    limit.New(limit.RevocationsOfNetwork),
	}
	if f.malformed == 0 {
		f.malformed = http.StatusUnauthorized
	}
	f.funnel = &web.Funnel{Options: o.Options, Fail: fail}
	f.others = f.funnel.Wrap(f.routes())
	return f
}

// Before returns a handler that answers the requests that this package owns, and passes
// all others to rest. It handles verification first, before any router.
func (f *Front) Before(rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case isVerification(r.URL):
			f.verify(w, r)
		case under(r.URL.Path, "/oauth2"), under(r.URL.Path, "/feed"):
			f.others.ServeHTTP(w, r)
		default:
			rest.ServeHTTP(w, r)
		}
	})
}

// routes returns the handler of every route except verification.
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
