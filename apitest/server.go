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
	"jeton/metrics"
	"jeton/node"
	"jeton/password"
	"jeton/pgtest"
	"jeton/verify"
	"jeton/web"
)

// Password is the password of every user that a helper makes.
const Password = "Passw0rd!x1"

// Options says what server to start. The zero value is a server with default
// settings on an empty SQLite database.
type Options struct {
	Database string                        // a sqlstore URL; empty: a SQLite file of the test's own
	Settings *jeton.Settings               // nil: the defaults
	Log      *slog.Logger                  // nil: discards
	Public   *url.URL                      // nil: not known
	Proxies  web.Proxies                   // trusted; nil: none
	Wrap     func(jeton.Store) jeton.Store // returns the store that the node uses instead of the database's
	Verify   verify.Settings               // of verification
	Cache    authn.Options                 // only its Size, Lease and Timeout are used
	Metrics  *metrics.Metrics              // nil: nothing is measured
	// Passwords returns what the service uses instead of the cheap password hashes.
	Passwords func(jeton.Passwords) jeton.Passwords
}

// Server is a running node and its HTTP server. The node writes uses every 30 s, and
// when a test flushes them.
type Server struct {
	*node.Node
	URL     string
	Clock   *Clock         // of all servers on the same database
	Client  *client.Client // the administrator's
	AdminID string
	Admin   string // the secret of the administrator's session
	tb      testing.TB
	options Options
}

// Clock is the real time plus an offset.
type Clock struct{ ahead atomic.Int64 }

// Now returns the time.
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
	if o.Database == "" {
		o.Database = filepath.Join(tb.TempDir(), "jeton.db")
	}
	s := &Server{Clock: &Clock{}, tb: tb, options: o}
	s.start()
	admin, _, err := s.Service.Bootstrap(context.Background(), Password)
	must(tb, err)
	s.AdminID, s.Admin = admin.ID, s.LogIn(jeton.FirstAdmin)
	s.Client = s.Client.With(s.Admin)
	return s
}

// Another starts a further node on the same PostgreSQL database, with the same
// options, clock and administrator, but without metrics. It ends with the test.
func (s *Server) Another() *Server {
	s.tb.Helper()
	other := &Server{Clock: s.Clock, AdminID: s.AdminID, Admin: s.Admin, tb: s.tb, options: s.options}
	other.options.Metrics = nil // they are one node's
	other.start()
	other.Client = other.Client.With(s.Admin)
	return other
}

// start opens the node, runs it and serves it, until the test ends.
func (s *Server) start() {
	s.tb.Helper()
	var err error
	s.Node, err = node.Open(context.Background(), s.options.node(s.Clock))
	must(s.tb, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	h := httptest.NewServer(s.Handler)
	s.tb.Cleanup(func() {
		h.Close()
		stop()
		<-ended
		must(s.tb, s.Close())
	})
	s.URL = h.URL
	s.Client, err = client.New(s.URL)
	must(s.tb, err)
}

func (o Options) node(clock *Clock) node.Options {
	out := node.Options{
		Database: o.Database, Settings: jeton.DefaultSettings(), Log: o.Log, Build: "test", Public: o.Public, Proxies: o.Proxies,
		Verify: o.Verify, VerifyTimeout: o.Cache.Timeout, Lease: o.Cache.Lease, CacheSize: o.Cache.Size,
		Metrics: o.Metrics, Clock: clock.Now, Passwords: password.Cheap(), Wrap: o.Wrap,
	}
	if o.Settings != nil {
		out.Settings = *o.Settings
	}
	if o.Passwords != nil {
		out.Passwords = o.Passwords(out.Passwords)
	}
	return out
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// For returns the server with helpers that fail another test: a subtest, or one run of
// a fuzz target.
func (s *Server) For(tb testing.TB) *Server {
	out := *s
	out.tb = tb
	return &out
}
