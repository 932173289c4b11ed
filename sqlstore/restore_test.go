package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jeton"
	"jeton/sqlstore"
)

// backupOf makes a backup of a database.
func backupOf(t testing.TB, url string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup.db")
	if _, err := sqlstore.Backup(t.Context(), sqlstore.Options{URL: url}, to, sqlstore.Progress{}); err != nil {
		t.Fatal(err)
	}
	return to
}

// restoring restores all as it is in a backup.
func restoring(from string) sqlstore.RestoreFile {
	return sqlstore.RestoreFile{From: from, Prepare: func(ctx context.Context, s *sqlstore.Store) error {
		_, err := s.Restore(ctx, sqlstore.Restoration{})
		return err
	}}
}

// killed copies a database while a server has it open, as a kill would leave it, and
// returns the copy's name.
func killed(t testing.TB, url string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "killed.db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		text, err := os.ReadFile(url + suffix + ".copy")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// usersOf returns the names of the users of a database, by a read that changes nothing.
func usersOf(t *testing.T, url string) string {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // nothing was written
	users, err := s.Users(t.Context(), jeton.UserFilter{}, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range users {
		names = append(names, u.Username)
	}
	isWhole(t, s)
	return strings.Join(names, " ")
}

// TestRestoreCrashes: wherever a restore ends, nothing opens a mix or an earlier state.
// The next restore finishes, and the database that was there is kept with its log.
func TestRestoreCrashes(t *testing.T) {
	for _, keepsMain := range []bool{true, false} {
		t.Run(fmt.Sprint("main file ", keepsMain), func(t *testing.T) { crashEverywhere(t, keepsMain) })
	}
}

func crashEverywhere(t *testing.T, keepsMain bool) {
	source := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: source})
	addUser(t, s, "ann")
	backup := backupOf(t, source)
	addUser(t, s, "bob")
	crashCopy(t, source)
	for n := 1; ; n++ {
		url := killed(t, source)
		want := "ann bob"
		if !keepsMain {
			if err := os.Remove(url); err != nil {
				t.Fatal(err)
			}
			want = ""
		}
		_, _, err := sqlstore.RestoreSQLite(t.Context(), sqlstore.Options{URL: url}, restoring(backup).CrashAt(n))
		if err != nil && !errors.Is(err, sqlstore.ErrCrash) {
			t.Fatalf("step %d: %v", n, err)
		}
		if err == nil {
			if n < 6 {
				t.Errorf("the swap has %d steps", n-1)
			}
			return
		}
		afterCrash(t, n, url, want)
		_, kept, err := sqlstore.RestoreSQLite(t.Context(), sqlstore.Options{URL: url}, restoring(backup))
		if err != nil {
			t.Fatalf("step %d: again: %v", n, err)
		}
		if got := usersOf(t, url); got != "ann" {
			t.Errorf("step %d: restored %q", n, got)
		}
		if !keepsMain {
			_, err := os.Stat(kept + "-wal")
			if err != nil {
				t.Errorf("step %d: the log was not kept: %v", n, err)
			}
			continue
		}
		if got := usersOf(t, kept); got != "ann bob" && kept != "" {
			t.Errorf("step %d: %s has %q", n, kept, got)
		}
		noLeftovers(t, url)
	}
}

// crashCopy copies the files of an open database by their bytes, as SQLite's own locks
// are not asked for. They are not opened in this process: that would drop the locks.
func crashCopy(t testing.TB, url string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		runs(t, "cp", url+suffix, url+suffix+".copy")
	}
}

func afterCrash(t *testing.T, n int, url, want string) {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url, Admin: true})
	if errors.Is(err, sqlstore.ErrRestoring) {
		return
	}
	if want == "" && errors.Is(err, sqlstore.ErrOtherLog) {
		return
	}
	if err != nil {
		t.Fatalf("step %d: %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := usersOf(t, url); got != want {
		t.Errorf("step %d: a server would serve %q", n, got)
	}
}

func noLeftovers(t *testing.T, url string) {
	t.Helper()
	found, err := os.ReadDir(filepath.Dir(url))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if strings.Contains(f.Name(), ".restor") {
			t.Errorf("%s was left", f.Name())
		}
	}
}

// TestRestoreInUse: a program that takes no lock of ours has the database open.
func TestRestoreInUse(t *testing.T) {
	url := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: url, Admin: true})
	addUser(t, s, "ann")
	backup := backupOf(t, url)
	script := `import sqlite3, sys
c = sqlite3.connect(sys.argv[1]); c.execute("select count(*) from users").fetchall(); print("open", flush=True); sys.stdin.read()`
	release := holds(t, "python3", "-c", script, url)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sqlstore.RestoreSQLite(t.Context(), sqlstore.Options{URL: url}, restoring(backup)); !errors.Is(err, sqlstore.ErrInUse) {
		t.Errorf("restored beside a program that has it open: %v", err)
	}
	release()
	if _, _, err := sqlstore.RestoreSQLite(t.Context(), sqlstore.Options{URL: url}, restoring(backup)); err != nil {
		t.Error(err)
	}
}

// TestRestoreBeginsAnEpoch: on both engines, in one event, with what the Restoration says.
func TestRestoreBeginsAnEpoch(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		if err := s.Seed(t.Context(), seedOf(10, 100), nil); err != nil {
			t.Fatal(err)
		}
		before := head(t, s)
		done, err := s.Restore(t.Context(), sqlstore.Restoration{
			DisableTokens: true, EndSessions: true,
			Apply: func(tx jeton.Tx) error { return tx.RemoveTokens([]string{tokenID(5), tokenID(7)}, 1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		after := head(t, s)
		if done.From != before || done.Head != after || after.Epoch == before.Epoch || after.Position != before.Position+1 {
			t.Errorf("%+v: from %v to %v", done, before, after)
		}
		page, err := s.Tokens(t.Context(), 0, 200)
		if err != nil || page.Total != 98 {
			t.Errorf("%d tokens, %v", page.Total, err)
		}
		for _, token := range page.Tokens {
			if token.Active {
				t.Errorf("token %s is active", token.ID)
			}
		}
		isWhole(t, s)

		failed := errors.New("failed")
		_, err = s.Restore(t.Context(), sqlstore.Restoration{Apply: func(tx jeton.Tx) error {
			return errors.Join(tx.RemoveTokens([]string{tokenID(9)}, 1), failed)
		}})
		if !errors.Is(err, failed) || head(t, s) != after {
			t.Errorf("a restore that failed: %v, at %v", err, head(t, s))
		}
		isWhole(t, s)
	})
}

// TestBackupInterrupted: no file is left.
func TestBackupInterrupted(t *testing.T) {
	url := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: url})
	if err := s.Seed(t.Context(), seedOf(10, 1000), nil); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := sqlstore.Backup(ctx, sqlstore.Options{URL: url}, filepath.Join(dir, "b.db"), sqlstore.Progress{
		Checked: func(string) { cancel() },
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestBackupSeesOneState: while changes go on, and they do go on.
func TestBackupSeesOneState(t *testing.T) {
	url := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: url})
	if err := s.Seed(t.Context(), seedOf(10, 2000), nil); err != nil {
		t.Fatal(err)
	}
	stop, made := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			select {
			case <-stop:
				made <- n
				return
			default:
				_, _, err := s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
					name := fmt.Sprint("user-", n)
					return jeton.Event{Action: "test", Target: name}, tx.AddUser(jeton.User{ID: name, Username: name})
				})
				if err != nil {
					t.Error(err)
				}
			}
		}
	}()
	for range 3 {
		isWhole(t, mustOpen(t, sqlstore.Options{URL: backupOf(t, url), Admin: true}))
	}
	close(stop)
	if n := <-made; n == 0 {
		t.Error("no change was made meanwhile")
	}
}

// TestStaleLogIsRefused: a backup that was put in place beside the log of what was there.
func TestStaleLogIsRefused(t *testing.T) {
	source := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: source})
	addUser(t, s, "ann")
	backup := backupOf(t, source)
	addUser(t, s, "bob")
	crashCopy(t, source)
	url := killed(t, source)
	text, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(url, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url}); !errors.Is(err, sqlstore.ErrOtherLog) {
		t.Errorf("opened with the log of another database: %v", err)
	}
	if _, err := sqlstore.Inspect(t.Context(), sqlstore.Options{URL: url}, nil); !errors.Is(err, sqlstore.ErrOtherLog) {
		t.Errorf("checked with the log of another database: %v", err)
	}
	if _, _, err := sqlstore.RestoreSQLite(t.Context(), sqlstore.Options{URL: url}, restoring(backup)); err != nil {
		t.Fatal(err)
	}
	if got := usersOf(t, url); got != "ann" {
		t.Errorf("restored %q", got)
	}
	if _, err := os.Stat(url + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the log is there: %v", err)
	}
}
