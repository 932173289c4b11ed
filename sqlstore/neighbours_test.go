package sqlstore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// answersAreTrue wants each named user to be there exactly if its change was answered
// as done.
func answersAreTrue(t *testing.T, s *sqlstore.Store, errs []error, names ...string) {
	t.Helper()
	for i, name := range names {
		if _, err := s.UserByName(t.Context(), name); name != "" && (err == nil) != (errs[i] == nil) {
			t.Errorf("%s: answered %v, and found: %v", name, errs[i], err)
		}
	}
	isWhole(t, s)
}

// TestPrepareFails: a statement that cannot even be prepared costs its change alone,
// though nothing that was sent with it was run.
func TestPrepareFails(t *testing.T) {
	url := pgtest.URL(t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	exec(t, db, `ALTER TABLE session RENAME TO session_gone`)
	errs := group(t, s, adds("ann"), func(tx jeton.Tx) error {
		_, err := tx.Session("x")
		return err
	}, adds("cat"))
	exec(t, db, `ALTER TABLE session_gone RENAME TO session`)
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("answers %v", errs)
	}
	answersAreTrue(t, s, errs, "ann", "", "cat")
}

// TestNothingFollowsAFailure: a change that goes on after an error, even one that took
// the whole transaction with it, writes nothing more.
func TestNothingFollowsAFailure(t *testing.T) {
	url := engines()["sqlite"](t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	exec(t, db, `CREATE TRIGGER poison BEFORE INSERT ON users WHEN NEW.username = 'bob' BEGIN SELECT RAISE(ROLLBACK, 'no'); END`)
	for _, end := range []error{nil, jeton.ErrUnchanged} {
		_, _, err := s.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
			_ = adds("bob")(tx)
			_ = adds("ann")(tx)
			return jeton.Event{Action: "test", Target: "x"}, end
		})
		storeFailed(t, err)
		answersAreTrue(t, s, []error{err}, "ann")
	}
}

// TestUnreadablePrefetch: a row that cannot be read fails the change that reads it, and
// not those that wait with it.
func TestUnreadablePrefetch(t *testing.T) {
	url := pgtest.URL(t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	if err := s.Seed(t.Context(), seedOf(1, 3), nil); err != nil {
		t.Fatal(err)
	}
	exec(t, db, `UPDATE token SET scopes = 'oops' WHERE id = '`+tokenID(0)+`'`)
	for _, id := range []string{tokenID(0), tokenID(1)} {
		_, _, err := s.Change(t.Context(), jeton.Prefetch{CredentialID: tokenID(0), Kind: jeton.KindToken}, func(tx jeton.Tx) (jeton.Event, error) {
			_, err := tx.CredentialByID(id, jeton.KindToken)
			return jeton.Event{Action: "test", Target: "x"}, err
		})
		if (err == nil) != (id == tokenID(1)) {
			t.Errorf("the credential %s: %v", id, err)
		}
	}
}

// TestMigrationKeepsOthersOut: while tokens move, no node of the earlier release can
// change one.
func TestMigrationKeepsOthersOut(t *testing.T) {
	url := pgtest.URL(t)
	earlier := earlierSchemas[1] // the last one whose tokens move
	earlierDatabase(t, url, earlier.version, earlier.seed)
	db, asked := raw(t, url), false
	_, _, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url, Progress: func(int64, int64) {
		asked = true
		for _, text := range []string{
			`SELECT 1 FROM head WHERE id = 1 FOR UPDATE NOWAIT`, `LOCK TABLE token IN ROW EXCLUSIVE MODE NOWAIT`,
		} {
			if _, err := db.ExecContext(context.Background(), `DO $$ BEGIN PERFORM 1; `+perform(text)+`; END $$`); err == nil {
				t.Errorf("another node got its lock: %s", text)
			}
		}
	}})
	if err != nil || !asked {
		t.Errorf("migrated, asked %v: %v", asked, err)
	}
}

// perform turns a SELECT into what a DO block runs.
func perform(text string) string {
	if text[:6] == "SELECT" {
		return "PERFORM" + text[6:]
	}
	return text
}

// TestSecondNameIsRefused: a second server finds the first one's lock by any name of
// the file, also by one that was given before the file was made.
func TestSecondNameIsRefused(t *testing.T) {
	for _, first := range []string{"link.db", "real.db"} {
		dir := t.TempDir()
		if err := os.Symlink("real.db", filepath.Join(dir, "link.db")); err != nil {
			t.Fatal(err)
		}
		mustOpen(t, sqlstore.Options{URL: filepath.Join(dir, first)})
		for _, second := range []string{"link.db", "real.db"} {
			if _, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: filepath.Join(dir, second)}); !errors.Is(err, sqlstore.ErrLocked) {
				t.Errorf("%s beside %s: %v", second, first, err)
			}
		}
	}
}

// TestNotesAfterClose: what a closed store does not write, it does not take.
func TestNotesAfterClose(t *testing.T) {
	s := mustOpen(t, sqlstore.Options{URL: engines()["sqlite"](t)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := s.Note(jeton.Event{Action: "noted", Target: "x"}); n != 0 {
		t.Errorf("%d notes were taken", n)
	}
}
