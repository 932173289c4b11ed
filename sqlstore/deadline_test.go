package sqlstore_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// TestWriterSettings: the session that changes go through has its time-outs, and a
// COMMIT means on disk, whatever the database is set to.
func TestWriterSettings(t *testing.T) {
	at := pgtest.URL(t)
	admin := raw(t, at)
	for of, want := range map[string]string{"off": "on", "local": "local", "remote_apply": "remote_apply"} {
		exec(t, admin, `ALTER DATABASE `+mustParse(t, at).Path[1:]+` SET synchronous_commit = `+of)
		s := mustOpen(t, sqlstore.Options{URL: at})
		for name, want := range map[string]string{
			"synchronous_commit": want, "idle_in_transaction_session_timeout": "1s", "lock_timeout": "5s",
			"statement_timeout": "8s", "tcp_user_timeout": "5000",
		} {
			got, err := s.WriterSetting(t.Context(), name)
			if err != nil || got != want {
				t.Errorf("%s of a database with synchronous_commit %s: %s, %v, not %s", name, of, got, err, want)
			}
		}
		for _, name := range []string{"idle_in_transaction_session_timeout", "statement_timeout"} {
			if got, err := s.BulkSetting(t.Context(), name); err != nil || got != "0" {
				t.Errorf("%s of bulk work: %s, %v", name, got, err)
			}
		}
		if d, err := s.WriterTCPTimeout(t.Context()); err != nil || d != 5*time.Second {
			t.Errorf("TCP_USER_TIMEOUT of the program's side: %s, %v", d, err)
		}
	}
}

// TestSeedHasTime: loading, the building of indexes and what is done at the end may
// take longer than a change.
func TestSeedHasTime(t *testing.T) {
	at := pgtest.URL(t)
	waits := raw(t, at)
	wait := func() { exec(t, waits, `SELECT pg_sleep(0.4)`) }
	seeding := false
	s := mustOpen(t, sqlstore.Options{URL: at, Clock: func() time.Time {
		if seeding { // between statements, inside the transaction
			wait()
		}
		return time.Now()
	}})
	for _, name := range []string{"idle_in_transaction_session_timeout", "statement_timeout"} {
		if err := s.WriterExec(t.Context(), `SET `+name+` = 200`); err != nil {
			t.Fatal(err)
		}
	}
	// Both CREATE INDEX and ANALYZE compute what is indexed.
	exec(t, waits, `CREATE FUNCTION slow(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
		'BEGIN PERFORM pg_sleep(0.04); RETURN $1; END'`)
	exec(t, waits, `CREATE INDEX slow_users ON users (slow(id))`)
	src := seedOf(10, 100)
	src.Users = func(yield func(jeton.User) bool) {
		for _, u := range slices.Collect(seedOf(10, 100).Users) {
			if !yield(u) {
				return
			}
		}
		wait() // inside COPY
	}
	seeding = true
	if err := s.Seed(t.Context(), src, nil); err != nil {
		t.Fatal(err)
	}
	seeding = false
	for _, name := range []string{"idle_in_transaction_session_timeout", "statement_timeout"} {
		if got, err := s.WriterSetting(t.Context(), name); err != nil || got != "200ms" {
			t.Errorf("%s of the session after it: %s, %v", name, got, err)
		}
	}
	isWhole(t, s)
}

// TestReadDeadline: a read whose caller would wait for ever ends all the same, and its
// connection serves the next one.
func TestReadDeadline(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url, Readers: 1})
		s.LimitReads(200 * time.Millisecond)
		for range 2 {
			took(t, "to end a read after 200 ms", 1500*time.Millisecond, func() {
				if err := s.SlowRead(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
			})
			if _, err := s.Tokens(t.Context(), 0, 10); err != nil {
				t.Errorf("the next read: %v", err)
			}
		}
	})
}
