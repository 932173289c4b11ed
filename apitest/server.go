package apitest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/client"
	"jeton/httpapi"
	"jeton/password"
	"jeton/pgtest"
	"jeton/sqlstore"
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
	// Passwords puts something between the service and its hashing of passwords.
	Passwords func(jeton.Passwords) jeton.Passwords
}

// Server is a running server.
type Server struct {
	URL     string
	Service *jeton.Service
	Store   jeton.Store
	Clock   *Clock
	AdminID string
	Admin   string         // the secret of the administrator's session
	Client  *client.Client // the administrator's
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
	opened, err := sqlstore.Open(ctx, sqlstore.Options{URL: o.Database, Clock: s.Clock.Now})
	must(tb, err)
	s.Store = opened
	if o.Wrap != nil {
		s.Store = o.Wrap(opened)
	}
	var passwords jeton.Passwords = password.Cheap()
	if o.Passwords != nil {
		passwords = o.Passwords(passwords)
	}
	cache := authn.New(authn.Options{Store: s.Store, Settings: settings, Clock: s.Clock.Now, Log: o.Log})
	s.Service = jeton.NewService(jeton.Options{
		Store: s.Store, Directory: cache, Passwords: passwords, Clock: s.Clock.Now, Settings: settings,
	})
	followed := make(chan struct{})
	go func() { defer close(followed); cache.Run(ctx) }()
	h := httptest.NewServer(httpapi.New(httpapi.Options{
		Service: s.Service, Auth: cache, Log: o.Log, Public: o.Public, Proxies: o.Proxies, Ping: o.Ping,
		Build: "test", Clock: s.Clock.Now,
	}))
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
