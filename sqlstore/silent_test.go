package sqlstore_test

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// TestSilentServer: a server that accepts everything and answers nothing costs
// seconds, and nothing waits for it for ever.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	t.Run("from the start", func(t *testing.T) {
		t.Parallel()
		direct := pgtest.URL(t)
		if _, _, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: direct}); err != nil {
			t.Fatal(err)
		}
		p, u := newProxy(t, direct)
		p.silent.Store(true)
		took(t, "to open a server that is silent", 4*time.Second, func() {
			if _, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: u.String()}); err == nil {
				t.Error("opened")
			}
		})
		u.Host += "," + mustParse(t, direct).Host
		u.RawQuery += "&connect_timeout=1"
		took(t, "to open another server besides", 10*time.Second, func() {
			s := mustOpen(t, sqlstore.Options{URL: u.String()})
			addUser(t, s, "ann")
			reads(t, s, "ann")
		})
		p.speak()
	})
	t.Run("inside a change", silentInChange)
	t.Run("while idle, with another host", func(t *testing.T) {
		t.Parallel()
		direct := pgtest.URL(t)
		p, u := newProxy(t, direct)
		u.Host += "," + mustParse(t, direct).Host
		u.RawQuery += "&connect_timeout=1"
		s := mustOpen(t, sqlstore.Options{URL: u.String()})
		addUser(t, s, "ann")
		p.silent.Store(true)
		took(t, "to go to the other host", 20*time.Second, func() {
			if err := change(s, func(jeton.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
		})
		took(t, "to read from the other host", 10*time.Second, func() { reads(t, s, "ann") })
		p.speak()
	})
}

// silentInChange has the only server fall silent in the middle of a change, while
// another waits.
func silentInChange(t *testing.T) {
	t.Parallel()
	p, u := newProxy(t, pgtest.URL(t))
	s := mustOpen(t, sqlstore.Options{URL: u.String()})
	addUser(t, s, "ann")
	reads(t, s, "ann") // so that both pools have connections
	silent := make(chan struct{})
	var changes sync.WaitGroup
	changes.Go(func() {
		took(t, "to fail a change", 15*time.Second, func() {
			storeFailed(t, change(s, func(tx jeton.Tx) error {
				p.silent.Store(true)
				close(silent)
				return adds("bob")(tx)
			}))
		})
	})
	<-silent
	changes.Go(func() {
		took(t, "to fail a change that waited", 20*time.Second, func() { storeFailed(t, change(s, adds("cat"))) })
	})
	for range 2 { // on connections that are open, and on new ones
		took(t, "to give up reads whose callers wait 100 ms", 1500*time.Millisecond, func() { shortReads(t, s) })
	}
	took(t, "to give up a read whose caller would wait for ever", 7*time.Second, func() {
		if _, err := s.Head(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
	changes.Wait()
	p.speak()
	addUser(t, s, "dan")
	for name, want := range map[string]bool{"ann": true, "bob": false, "cat": false, "dan": true} {
		if _, err := s.UserByName(t.Context(), name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	isWhole(t, s)
}

// shortReads wants one read of each pool to end as its caller does.
func shortReads(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	for name, read := range map[string]func(ctx context.Context) error{
		"quick": func(ctx context.Context) error { _, err := s.Head(ctx); return err },
		"list":  func(ctx context.Context) error { _, err := s.Tokens(ctx, 0, 10); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if err := read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a %s read: %v", name, err)
		}
		cancel()
	}
}

// took wants something to be done in a time.
func took(t *testing.T, what string, limit time.Duration, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took, limit := time.Since(began), apitest.Within(limit); took > limit {
		t.Errorf("it took %s %s, more than %s", took, what, limit)
	}
}

func mustParse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
