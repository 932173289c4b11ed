package httpapi

import (
	"context"
	"crypto/md5" //nolint:gosec // a fingerprint of settings, not a secret
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"jeton"
	"jeton/web"
)

// Prefix begins the path of every route.
const Prefix = "/api/v4"

// Version is the version of Mattermost that this package is compatible with. mmctl
// requires its own major version, and a minor version that is no lower.
const Version = "11.10.0"

// Options is what the wire is made of. Service and Auth are needed. Public makes
// links absolute and, with the scheme https, cookies secure.
type Options struct {
	web.Options
	Build string                          // of this server, for X-Version-Id
	Ping  func(ctx context.Context) error // fails when the database does not answer; nil: not asked
}

type api struct {
	service *jeton.Service
	log     *slog.Logger
	public  *url.URL
	ping    func(ctx context.Context) error
	build   string
	funnel  *web.Funnel
}

// New returns the handler of everything under Prefix, and of the page at the root.
func New(o Options) http.Handler {
	a := newAPI(o)
	return a.funnel.Wrap(a.rootPage(a.funnel.Clean(Prefix, a.routes())))
}

func newAPI(o Options) *api {
	settings := md5.Sum(fmt.Append(nil, o.Service.Settings(), o.Public)) //nolint:gosec // see above
	o.Options = o.WithDefaults()
	a := &api{service: o.Service, log: o.Log, public: o.Public, ping: o.Ping, build: o.Build}
	a.funnel = &web.Funnel{
		Options: o.Options, Fail: writeError, Storable: true,
		Cookies: web.CookiesOf(o.Public),
		Version: Version + "." + o.Build + "." + hex.EncodeToString(settings[:]) + ".false",
	}
	return a
}
