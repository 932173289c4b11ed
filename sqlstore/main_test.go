package sqlstore_test

import (
	"context"
	"flag"
	"path/filepath"
	"testing"
	"time"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
	"jeton/storetest"
)

// TestMain lets more tests run in parallel than there are processors: those that do
// wait for time-outs.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // the command line's is stronger
	pgtest.Main(m)
}

// engines are the databases that every test here runs on: a URL of a new one.
func engines() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return filepath.Join(t.TempDir(), "dir", "jeton.db") },
		"postgres": pgtest.URL,
	}
}

func onEngines(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	for name, newURL := range engines() {
		t.Run(name, func(t *testing.T) { test(t, newURL(t)) })
	}
}

// mustOpen opens a store that is closed when the test ends.
func mustOpen(t testing.TB, o sqlstore.Options) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T)   { storetest.Run(t, harness("sqlite")) }
func TestPostgres(t *testing.T) { storetest.Run(t, harness("postgres")) }

func harness(engine string) storetest.Harness {
	return storetest.Harness{
		Open: func(t testing.TB) jeton.Store {
			return mustOpen(t, sqlstore.Options{
				URL: engines()[engine](t), Idle: time.Minute, // the suite holds changes up, which takes a while under the race detector
			})
		},
		HoldReaders: func(t testing.TB, s jeton.Store) func() {
			release, err := s.(*sqlstore.Store).HoldReaders(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return release
		},
		SlowRead: func(ctx context.Context, s jeton.Store) error { return s.(*sqlstore.Store).SlowRead(ctx) },
	}
}
