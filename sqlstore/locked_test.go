package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"testing"
	"time"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// TestLockedHead: while another program keeps the lock of changes, changes fail after
// one wait for it, and work again when it is free.
func TestLockedHead(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]struct {
		lock string
		wait time.Duration // one wait, and half of another
	}{
		"postgres": {`BEGIN; SELECT position FROM head FOR UPDATE`, 7500 * time.Millisecond},
		"sqlite":   {`BEGIN IMMEDIATE`, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := engines()[name](t)
			s, other := mustOpen(t, sqlstore.Options{URL: url}), session(t, url)
			addUser(t, s, "ann")
			execOn(t, other, at.lock)
			took(t, "to fail a change", at.wait, func() { storeFailed(t, change(s, adds("bob"))) })
			reads(t, s, "ann")
			execOn(t, other, `ROLLBACK`)
			addUser(t, s, "cat")
			isWhole(t, s)
		})
	}
}

// TestStrangerHoldsNothingUp: a role without rights on the tables has no lock that
// changes wait for.
func TestStrangerHoldsNothingUp(t *testing.T) {
	at := pgtest.URL(t)
	s := mustOpen(t, sqlstore.Options{URL: at})
	addUser(t, s, "ann")
	admin := raw(t, at)
	exec(t, admin, `CREATE ROLE stranger LOGIN`)
	t.Cleanup(func() { _, _ = admin.ExecContext(context.Background(), `DROP ROLE stranger`) })
	u := mustParse(t, at)
	u.User = url.User("stranger")
	stranger := session(t, u.String())
	for _, lock := range []string{
		`SELECT position FROM head FOR UPDATE`, `SELECT position FROM head FOR KEY SHARE`,
		`LOCK TABLE head IN ACCESS EXCLUSIVE MODE`, `LOCK TABLE head IN ACCESS SHARE MODE`,
	} {
		if _, err := stranger.ExecContext(t.Context(), `BEGIN; `+lock); err == nil {
			t.Errorf("a stranger may %s", lock)
		}
		execOn(t, stranger, `ROLLBACK`)
	}
	execOn(t, stranger, `SELECT pg_advisory_lock(n) FROM generate_series(-100, 100) AS n`)
	execOn(t, stranger, `SELECT pg_advisory_lock(5047241938706184213 + n) FROM generate_series(-100, 100) AS n`)
	took(t, "to write and to open", 2*time.Second, func() {
		if err := change(s, func(tx jeton.Tx) error {
			if err := adds("bob")(tx); err != nil {
				return err
			}
			_, err := tx.RoleAssigned("none") // all locks are taken now
			return noAdvisoryLocks(t, admin, err)
		}); err != nil {
			t.Error(err)
		}
		addUser(t, mustOpen(t, sqlstore.Options{URL: at}), "cat")
	})
}

// noAdvisoryLocks returns an error where another than the stranger holds or awaits an
// advisory lock: whatever its number, the stranger could take it first.
func noAdvisoryLocks(t *testing.T, admin *sql.DB, err error) error {
	t.Helper()
	if err != nil {
		return err
	}
	var n int
	err = admin.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype = 'advisory' AND a.datname = current_database() AND a.usename <> 'stranger'`).Scan(&n)
	if err == nil && n > 0 {
		err = fmt.Errorf("%d advisory locks", n)
	}
	return err
}

// session is one connection past the store.
func session(t *testing.T, at string) *sql.Conn {
	t.Helper()
	c, err := raw(t, at).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func execOn(t *testing.T, c *sql.Conn, text string) {
	t.Helper()
	if _, err := c.ExecContext(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
