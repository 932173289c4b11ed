package apitest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/client"
	"jeton/front"
	"jeton/limit"
	"jeton/metrics"
	"jeton/password"
	"jeton/pgtest"
	"jeton/sqlstore"
	"jeton/verify"
	"jeton/web"
)

// Password is the password of every user that a helper makes.
const Password = "Passw0rd!x1"

// Options says what server to start. The zero value is a server with default
// settings on an empty SQLite database.
type Options struct {
	Database string                          // a sqlstore URL; empty: a SQLite file of the test's own
	Settings *jeton.Settings                 // nil: the defaults
	Log      *slog.Logger                    // nil: discards
	Public   *url.URL                        // nil: not said
	Proxies  web.Proxies                     // none
	Ping     func(ctx context.Context) error // nil: well
	Wrap     func(jeton.Store) jeton.Store   // puts something between the service and its store
	Verify   verify.Settings                 // of verification
	Cache    authn.Options                   // Size, Lease and Timeout of it count
	Metrics  *metrics.Metrics                // nil: nothing is measured
	// Passwords puts something between the service and its hashing of passwords.
	Passwords func(jeton.Passwords) jeton.Passwords
}

// Server is a running server.
type Server struct {
	URL     string
	Service *jeton.Service
	Store   jeton.Store
	Uses    *authn.Uses // gathered until the test flushes them
	Clock   *Clock
	Cache   *authn.Cache
	Handler http.Handler   // what is served at URL
	Client  *client.Client // the administrator's
	AdminID string
	Admin   string // the secret of the administrator's session
	tb      testing.TB
}

// Clock is the real time, moved.
type Clock struct{ ahead atomic.Int64 }

// Now tells the time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// Engines runs a test once for each engine, on an empty database. The test binary
// must call pgtest.Main.
func Engines(t *testing.T, test func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "jeton.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.URL(t)) })
}

// Start starts a server that ends with the test. Its one user is the
// administrator, logged in.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	if o.Database == "" {
		o.Database = filepath.Join(tb.TempDir(), "jeton.db")
	}
	settings := jeton.DefaultSettings()
	if o.Settings != nil {
		settings = *o.Settings
	}
	s := &Server{Clock: &Clock{}, tb: tb}
	stored := sqlstore.Options{URL: o.Database, Clock: s.Clock.Now}
	cached := authn.Options{
		Settings: settings, Clock: s.Clock.Now, Log: o.Log, Render: verify.Render,
		Size: o.Cache.Size, Lease: o.Cache.Lease, Timeout: o.Cache.Timeout,
	}
	var watch front.Watch
	if m := o.Metrics; m != nil {
		stored.Grouped, cached.Count, cached.Applied = m.Grouped, true, m.Applied
		watch = front.Watch{Verified: m.Verified, Answered: m.Answered}
	}
	opened, err := sqlstore.Open(ctx, stored)
	must(tb, err)
	s.Store = opened
	if o.Wrap != nil {
		s.Store = o.Wrap(opened)
	}
	var passwords jeton.Passwords = password.Cheap()
	if o.Passwords != nil {
		passwords = o.Passwords(passwords)
	}
	cached.Store = s.Store
	cache := authn.New(cached)
	s.Service = jeton.NewService(jeton.Options{
		Store: s.Store, Directory: cache, Passwords: passwords, Limits: limit.ForService(), Clock: s.Clock.Now, Settings: settings,
	})
	s.Uses = authn.NewUses(authn.UsesOptions{Store: s.Store, Log: o.Log})
	if o.Metrics != nil {
		o.Metrics.Watch(opened, cache, s.Uses)
	}
	followed := make(chan struct{})
	go func() { defer close(followed); cache.Run(ctx) }()
	s.Cache, s.Handler = cache, front.New(front.Options{
		Service: s.Service, Cache: cache, Used: s.Uses.Note, Log: o.Log, Public: o.Public, Proxies: o.Proxies, Ping: o.Ping,
		Build: "test", Clock: s.Clock.Now, Verify: o.Verify, Watch: watch,
	})
	h := httptest.NewServer(s.Handler)
	tb.Cleanup(func() {
		h.Close()
		stop()
		<-followed
		must(tb, opened.Close())
	})
	s.URL = h.URL
	admin, _, err := s.Service.Bootstrap(ctx, Password)
	must(tb, err)
	s.Client, err = client.New(s.URL)
	must(tb, err)
	s.AdminID, s.Admin = admin.ID, s.LogIn(admin.Username)
	s.Client = s.Client.With(s.Admin)
	return s
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// For returns the server with helpers that fail another test: a subtest, or one
// run of a fuzz target.
func (s *Server) For(tb testing.TB) *Server {
	out := *s
	out.tb = tb
	return &out
}
