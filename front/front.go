// Package front puts the fronts together: which path goes to whom. It is what a
// server serves, in the program and in tests. It owns no answer of its own.
package front

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/httpapi"
	"jeton/verify"
	"jeton/web"
)

// Options is what the fronts are made of. Service and Cache are needed; the cache is
// one whose Options.Render is verify.Render.
type Options struct {
	Service *jeton.Service
	Cache   *authn.Cache
	Log     *slog.Logger
	Public  *url.URL // how clients reach the server
	Proxies web.Proxies
	Build   string
	Ping    func(ctx context.Context) error // asks the database whether it is well
	Clock   jeton.Clock
	Verify  verify.Settings
	Used    func(tokenID, address string, at int64) // hears of each request that a token opened; nil: nobody
	Watch
}

// Watch is who hears of what was answered, besides the log. Neither may block; where
// one is nil nobody is told, and for that nothing is measured.
type Watch struct {
	Verified func(how verify.Outcome, took time.Duration)               // each verification
	Answered func(method, route string, status int, took time.Duration) // each other request: see web.Funnel
}

// New returns the handler of all paths.
func New(o Options) http.Handler {
	v := verify.New(verify.Options{
		Service: o.Service, Cache: o.Cache, Log: o.Log, Public: o.Public, Proxies: o.Proxies,
		Clock: o.Clock, Used: o.Used, Settings: o.Verify, Verified: o.Verified, Answered: o.Answered,
	})
	return v.Before(httpapi.New(httpapi.Options{
		Service: o.Service, Auth: o.Cache, Log: o.Log, Public: o.Public, Proxies: o.Proxies, Build: o.Build,
		Ping: o.Ping, Clock: o.Clock, Used: o.Used, Answered: o.Answered,
	}))
}
