package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
	"jeton/storetest"
)

// storeFailed wants an error that says that the store failed.
func storeFailed(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error")
	}
	for _, named := range []error{jeton.ErrNotFound, jeton.ErrUsernameTaken, jeton.ErrEmailTaken, jeton.ErrRoleNameTaken} {
		if errors.Is(err, named) {
			t.Errorf("error %v", err)
		}
	}
}

// group runs changes that share a transaction.
func group(t *testing.T, s *sqlstore.Store, changes ...func(tx jeton.Tx) error) (errs []error) {
	t.Helper()
	var all []storetest.Change
	for _, fn := range changes {
		all = append(all, storetest.Change{Run: func(tx jeton.Tx) (jeton.Event, error) {
			return jeton.Event{Action: "test", Target: "x"}, fn(tx)
		}})
	}
	for _, o := range storetest.Group(t, s, all...) {
		errs = append(errs, o.Err)
	}
	return errs
}

// TestGroupShares: changes that waited together are written by one transaction, as
// the tests of this package take for granted.
func TestGroupShares(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		const n = 20
		var largest atomic.Int64
		s := mustOpen(t, sqlstore.Options{URL: url, Grouped: func(changes int) {
			largest.Store(max(largest.Load(), int64(changes)))
		}})
		changes := make([]func(jeton.Tx) error, n)
		for i := range changes {
			changes[i] = adds(fmt.Sprint("user", i))
		}
		for _, err := range group(t, s, changes...) {
			if err != nil {
				t.Error(err)
			}
		}
		if largest.Load() < n {
			t.Errorf("of %d changes that waited, %d shared a transaction", n, largest.Load())
		}
	})
}

func adds(name string) func(tx jeton.Tx) error {
	return func(tx jeton.Tx) error { return tx.AddUser(jeton.User{ID: name, Username: name}) }
}

// terminate ends the connection that changes go through, as a failover does.
func terminate(t *testing.T, db *sql.DB) {
	t.Helper()
	exec(t, db, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

func TestConnectionLostInGroup(t *testing.T) {
	url := pgtest.URL(t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	addUser(t, s, "before")
	errs := group(t, s, adds("ann"), func(tx jeton.Tx) error {
		if err := adds("bob")(tx); err != nil {
			return err
		}
		terminate(t, db)
		return nil
	}, adds("cat"))
	failed := 0
	for i, err := range errs {
		_, there := s.UserByName(context.Background(), []string{"ann", "bob", "cat"}[i])
		if err != nil {
			storeFailed(t, err)
			failed++
		}
		if (err == nil) != (there == nil) {
			t.Errorf("change %d: answered %v, and found: %v", i, err, there)
		}
	}
	if errs[1] == nil || failed == 0 {
		t.Errorf("errors %v", errs)
	}
	addUser(t, s, "after")
	isWhole(t, s)
}

func TestConnectionLostWhileIdle(t *testing.T) {
	url := pgtest.URL(t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	addUser(t, s, "before")
	terminate(t, db)
	addUser(t, s, "after") // nothing was under way: no caller notices
	if _, err := s.UserByName(t.Context(), "after"); err != nil {
		t.Error(err)
	}
	terminate(t, db)
	if _, err := s.Tokens(t.Context(), 0, 10); err != nil {
		t.Error(err)
	}
}

// TestCommitFails: what fails at the end of a group fails all of it, on both engines.
func TestCommitFails(t *testing.T) {
	poison := map[string][2]string{
		"sqlite": {
			`CREATE TRIGGER poison BEFORE INSERT ON journal WHEN NEW.target = 'poison' BEGIN SELECT RAISE(ROLLBACK, 'no'); END`,
			`DROP TRIGGER poison`,
		},
		"postgres": {
			`ALTER TABLE journal ADD CONSTRAINT poison CHECK (target <> 'poison')`,
			`ALTER TABLE journal DROP CONSTRAINT poison`,
		},
	}
	for name, newURL := range engines() {
		t.Run(name, func(t *testing.T) {
			url := newURL(t)
			s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
			addUser(t, s, "before")
			at := head(t, s)
			exec(t, db, poison[name][0])
			_, _, err := s.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
				return jeton.Event{Action: "test", Target: "poison"}, adds("ann")(tx)
			})
			storeFailed(t, err)
			if now := head(t, s); now != at {
				t.Errorf("head %v after %v", now, at)
			}
			if _, err := s.UserByName(t.Context(), "ann"); !errors.Is(err, jeton.ErrNotFound) {
				t.Errorf("ann: %v", err)
			}
			s.Note(jeton.Event{Action: "noted", Target: "poison"}) // and notes do no harm
			exec(t, db, poison[name][1])
			if e := addUser(t, s, "after"); e.Position <= at.Position {
				t.Errorf("position %d after %d", e.Position, at.Position)
			}
			isWhole(t, s)
		})
	}
}

// TestTransactionLostInChange: a statement that takes the whole transaction with
// it fails all members, though only one of them met it.
func TestTransactionLostInChange(t *testing.T) {
	url := engines()["sqlite"](t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	exec(t, db, `CREATE TRIGGER poison BEFORE INSERT ON users WHEN NEW.username = 'bob' BEGIN SELECT RAISE(ROLLBACK, 'no'); END`)
	errs := group(t, s, adds("ann"), adds("bob"), adds("cat"))
	storeFailed(t, errs[1])
	for i, name := range []string{"ann", "bob", "cat"} {
		if _, err := s.UserByName(t.Context(), name); (err == nil) != (errs[i] == nil) {
			t.Errorf("%s: answered %v, and found: %v", name, errs[i], err)
		}
	}
	addUser(t, s, "after")
	isWhole(t, s)
}

// TestTwoWriters: two programs on one database; positions and the order of
// tokens have neither gaps nor repeats, and roles are never behind.
func TestTwoWriters(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		stores := []*sqlstore.Store{
			mustOpen(t, sqlstore.Options{URL: url}), mustOpen(t, sqlstore.Options{URL: url, Admin: true}),
		}
		const each = 40
		var wg sync.WaitGroup
		for w, s := range stores {
			wg.Go(func() {
				last := int64(0)
				for i := range each {
					id := fmt.Sprint("token", w, "-", i)
					e, _, err := s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
						return jeton.Event{Action: "test", Target: id}, tx.AddToken(
							jeton.Token{ID: id, UserID: "u"}, jeton.Digest{byte(w), byte(i)})
					})
					if err != nil || e.Position <= last {
						t.Errorf("position %d after %d, %v", e.Position, last, err)
					}
					last = e.Position
				}
			})
		}
		wg.Wait()
		page, err := stores[0].Tokens(t.Context(), 0, 200)
		if err != nil || page.Total != 2*each || len(page.Tokens) != 2*each {
			t.Errorf("%d tokens, %v", page.Total, err)
		}
		if h := head(t, stores[1]); h.Position != 2*each {
			t.Errorf("head %v", h)
		}
		freshRoles(t, stores)
	})
}

func freshRoles(t *testing.T, stores []*sqlstore.Store) {
	t.Helper()
	holds := func(s *sqlstore.Store, want bool) {
		t.Helper()
		_, _, err := s.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
			table, err := tx.RoleTable()
			if err != nil {
				return jeton.Event{}, err
			}
			if _, ok := table.Role("own"); ok != want {
				return jeton.Event{}, fmt.Errorf("the role is there: %v", ok)
			}
			return jeton.Event{}, jeton.ErrUnchanged
		})
		if err != nil {
			t.Error(err)
		}
	}
	holds(stores[0], false)
	holds(stores[1], false)
	_, _, err := stores[0].Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "own"}, tx.AddRole(jeton.Role{ID: "own", Name: "own"})
	})
	if err != nil {
		t.Fatal(err)
	}
	holds(stores[1], true)
	holds(stores[0], true)
}
