package httpapi

import (
	"context"
	"crypto/md5" //nolint:gosec // a fingerprint of settings, not a secret
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"jeton"
	"jeton/web"
)

// Prefix begins the path of every route.
const Prefix = "/api/v4"

// Version is the version of Mattermost that this package is compatible with. mmctl
// requires its own major version, and a minor version that is no lower.
const Version = "11.10.0"

// Options are the parts of the API. Service and Auth are required.
type Options struct {
	Service *jeton.Service
	Auth    web.Authenticator
	Used    func(tokenID, address string, at int64) // see web.Funnel
	Log     *slog.Logger
	Public  *url.URL // the URL that clients use: makes links absolute and cookies secure
	Proxies web.Proxies
	Build   string                          // of this server, for X-Version-Id
	Ping    func(ctx context.Context) error // checks the database
	Clock   jeton.Clock
	// Answered is called after each request: see web.Funnel.
	Answered func(method, route string, status int, took time.Duration)
}

type api struct {
	service *jeton.Service
	public  *url.URL
	ping    func(ctx context.Context) error
	build   string
	funnel  *web.Funnel
}

// New returns the handler of everything under Prefix.
func New(o Options) http.Handler {
	a := newAPI(o)
	return a.funnel.Wrap(headAsGet(a.routes()))
}

func newAPI(o Options) *api {
	settings := md5.Sum(fmt.Append(nil, o.Service.Settings(), o.Public)) //nolint:gosec // see above
	a := &api{service: o.Service, public: o.Public, ping: o.Ping, build: o.Build}
	a.funnel = &web.Funnel{
		Auth: o.Auth, Used: o.Used, Answered: o.Answered, Fail: writeError, Log: o.Log, Proxies: o.Proxies, Clock: o.Clock,
		Cookies: web.Cookies{Secure: o.Public != nil && o.Public.Scheme == "https"},
		Version: Version + "." + o.Build + "." + hex.EncodeToString(settings[:]) + ".false",
	}
	return a
}
