package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"
	"time"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// TestDemotedServer: a node whose server turns read-only goes on with another one, or
// with the same one when it takes writes again, without a restart.
func TestDemotedServer(t *testing.T) {
	t.Parallel()
	first := cluster(t)
	for _, query := range []string{"target_session_attrs=read-write", ""} {
		t.Run("two hosts, "+query, func(t *testing.T) { demoteOfTwo(t, first, query) })
	}
	t.Run("one host", func(t *testing.T) {
		at := first.URL("jeton_one")
		admin := raw(t, first.URL("postgres"))
		exec(t, admin, `CREATE DATABASE jeton_one`)
		s := mustOpen(t, sqlstore.Options{URL: at})
		addUser(t, s, "before")
		for range 2 {
			demote(t, admin, true)
			for range 2 { // on the old connection, and without one
				storeFailed(t, change(s, adds("never")))
				reads(t, s, "before")
			}
			demote(t, admin, false)
			if err := change(s, func(jeton.Tx) error { return nil }); err != nil {
				t.Errorf("a change when the server takes writes again: %v", err)
			}
		}
		isWhole(t, s)
	})
}

// demoteOfTwo wants changes, and reads with them, to go to the second host once the
// first takes none.
func demoteOfTwo(t *testing.T, first *pgtest.Server, query string) {
	second := pgtest.URL(t)
	at := mustParse(t, second)
	admin := raw(t, first.URL("postgres"))
	exec(t, admin, `CREATE DATABASE `+at.Path[1:])
	one := mustParse(t, first.URL(at.Path[1:]))
	for _, u := range []string{one.String(), second} { // both have the schema, as a standby would
		if _, _, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: u}); err != nil {
			t.Fatal(err)
		}
	}
	at.Host = one.Host + "," + at.Host
	at.RawQuery += "&" + query
	s := mustOpen(t, sqlstore.Options{URL: at.String()})
	addUser(t, s, "before")
	reads(t, s, "before")

	demote(t, admin, true)
	defer demote(t, admin, false)
	if err := change(s, adds("after")); err != nil { // nothing was under way
		t.Errorf("a change when the first host takes none: %v", err)
	}
	var n int
	if err := raw(t, second).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM users`).Scan(&n); err != nil || n != 1 {
		t.Errorf("the second host has %d users, %v", n, err)
	}
	reads(t, s, "after")
}

// reads wants both pools to find a user.
func reads(t *testing.T, s *sqlstore.Store, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := s.User(ctx, name); err != nil {
		t.Errorf("%s by id: %v", name, err)
	}
	users, err := s.Users(ctx, jeton.UserFilter{}, 0, 10)
	if err != nil || len(users) != 1 || users[0].ID != name {
		t.Errorf("users %v, %v, not %s", users, err, name)
	}
}

// change runs a change with an event.
func change(s *sqlstore.Store, fn func(jeton.Tx) error) error {
	_, _, err := s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "x"}, fn(tx)
	})
	return err
}

// cluster starts a PostgreSQL whose settings the test may change.
func cluster(t *testing.T) *pgtest.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgtest") // t.TempDir is closed to PostgreSQL's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	server, err := pgtest.Start(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// demote makes a server refuse writes, or take them again. When it returns, all
// connections have been told.
func demote(t *testing.T, admin *sql.DB, on bool) {
	t.Helper()
	exec(t, admin, fmt.Sprintf(`ALTER SYSTEM SET default_transaction_read_only = %t`, on))
	exec(t, admin, `SELECT pg_reload_conf()`)
	want := map[bool]string{true: "on", false: "off"}[on]
	until(t, "default_transaction_read_only is "+want, func() (is bool) {
		// The server tells connections before it accepts a new one with the new setting.
		admin.SetMaxIdleConns(0)
		var now string
		if err := admin.QueryRowContext(t.Context(), `SHOW default_transaction_read_only`).Scan(&now); err != nil {
			t.Fatal(err)
		}
		return now == want
	})
}
