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

// Version is the version of Mattermost whose wire this is. mmctl asks for the
// same major and no lower minor than its own.
const Version = "11.10.0"

// Options is what the wire is made of. Service and Auth are needed.
type Options struct {
	Service *jeton.Service
	Auth    web.Authenticator
	Used    func(tokenID, address string, at int64) // see web.Funnel
	Log     *slog.Logger
	Public  *url.URL // how clients reach the server: makes links absolute and cookies secure
	Proxies web.Proxies
	Build   string                          // of this server, for X-Version-Id
	Ping    func(ctx context.Context) error // asks the database whether it is well
	Clock   jeton.Clock
	// Answered is the funnel's: see web.Funnel.
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
	return a.funnel.Wrap(a.routes())
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
