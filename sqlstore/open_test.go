package sqlstore_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jeton"
	"jeton/sqlstore"
)

// knownVersion is the schema's version that this program writes. Raise it with
// every migration added, and add the one before it to earlierSchemas.
const knownVersion = 4

func TestMigrate(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		for _, want := range [][2]int64{{0, knownVersion}, {knownVersion, knownVersion}} {
			from, to, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url, Admin: true})
			if err != nil || from != want[0] || to != want[1] {
				t.Errorf("migrated from %d to %d, %v, not %v", from, to, err, want)
			}
		}
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		if _, _, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url}); err != nil {
			t.Fatal(err)
		}
		exec(t, raw(t, url), `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, TRUE)`, knownVersion+1)
		_, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url})
		if !errors.Is(err, sqlstore.ErrNewerSchema) || !strings.Contains(err.Error(), "newer jeton") {
			t.Errorf("open: %v", err)
		}
		if _, _, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url}); !errors.Is(err, sqlstore.ErrNewerSchema) {
			t.Errorf("migrate: %v", err)
		}
	})
}

// TestReopen: what was there is there again, and nothing is made twice.
func TestReopen(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		addUser(t, s, "ann")
		before := head(t, s)
		roles, err := s.Roles(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = mustOpen(t, sqlstore.Options{URL: url})
		if after := head(t, s); after != before {
			t.Errorf("head %v after %v", after, before)
		}
		if again, err := s.Roles(t.Context()); err != nil || len(again) != len(roles) || again[0].ID != roles[0].ID {
			t.Errorf("roles %v, %v", again, err)
		}
		if _, err := s.UserByName(t.Context(), "ann"); err != nil {
			t.Error(err)
		}
	})
}

// TestMissingRole: a default role that is missing is added, and followers hear of it.
func TestMissingRole(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		addUser(t, s, "ann")
		exec(t, raw(t, url), `DELETE FROM role WHERE name = 'system_guest'`)
		other := mustOpen(t, sqlstore.Options{URL: url, Admin: true})
		events, _, err := other.EventsAfter(t.Context(), 1, 10)
		if err != nil || len(events) != 1 || events[0].Action != jeton.RoleCreate || events[0].Detail.Note != "system_guest" {
			t.Errorf("events %v, %v", events, err)
		}
		isWhole(t, s)
	})
}

func addUser(t testing.TB, s *sqlstore.Store, name string) jeton.Event {
	t.Helper()
	e, _, err := s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: name}, tx.AddUser(jeton.User{ID: name, Username: name})
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSecondServerIsRefused(t *testing.T) {
	url := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: url})
	_, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url})
	if !errors.Is(err, sqlstore.ErrLocked) || !strings.Contains(err.Error(), url+".lock") {
		t.Errorf("a second server: %v", err)
	}
	tool := mustOpen(t, sqlstore.Options{URL: url, Admin: true})
	addUser(t, tool, "ann")
	if _, err := s.UserByName(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, sqlstore.Options{URL: url})
}

// TestToolBesideBusyServer: a server that never pauses still lets a tool write.
func TestToolBesideBusyServer(t *testing.T) {
	url := engines()["sqlite"](t)
	s := mustOpen(t, sqlstore.Options{URL: url})
	tool := mustOpen(t, sqlstore.Options{URL: url, Admin: true})
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_, _, _ = s.Change(context.Background(), jeton.Prefetch{}, func(jeton.Tx) (jeton.Event, error) {
					return jeton.Event{Action: "test", Target: "x"}, nil
				})
			}
		}
	}()
	began := time.Now()
	for _, name := range []string{"ann", "bob", "cat"} {
		addUser(t, tool, name)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("three changes of a tool took %s", took)
	}
	close(stop)
	<-done
	isWhole(t, s)
}

func TestFileModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	url := filepath.Join(dir, "jeton ?#%.db")
	s := mustOpen(t, sqlstore.Options{URL: url})
	addUser(t, s, "ann")
	found := 0
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		found++
		return nil
	})
	if err != nil || found != 6 { // two directories, the database, its log, its index, the lock
		t.Errorf("%d files, %v", found, err)
	}
}

// TestOldModes: files that somebody opened to others are closed to them again.
func TestOldModes(t *testing.T) {
	url := engines()["sqlite"](t)
	if err := mustOpen(t, sqlstore.Options{URL: url}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(url, 0o644); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, sqlstore.Options{URL: url})
	info, err := os.Stat(url)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		ignore := goleak.IgnoreCurrent()
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		addUser(t, s, "ann")
		if _, err := s.Tokens(t.Context(), 0, 10); err != nil {
			t.Fatal(err)
		}
		s.Note(jeton.Event{Action: "noted", Target: "x"})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		goleak.VerifyNone(t, ignore)
	})
}

func TestBadURL(t *testing.T) {
	_, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: "postgres://user:s3cret@host:port/x"})
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
	_, err = sqlstore.Open(t.Context(), sqlstore.Options{URL: "postgres://user:s3cret@127.0.0.1:1/x"})
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
}
