package sqlstore_test

import (
	"bufio"
	"bytes"
	"errors"
	"log/slog"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jeton/sqlstore"
)

// runs runs a program that must succeed. Files of an open database are touched by other
// processes only.
func runs(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := osexec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// holds starts a program, waits for its first line, and returns what ends it.
func holds(t testing.TB, name string, args ...string) (release func()) {
	t.Helper()
	cmd := osexec.Command(name, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("%s is not there: %v", name, err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestLostFiles: files that are not the server's own any more are noticed within a
// second. Then no change is accepted and nothing is read.
func TestLostFiles(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(t *testing.T, url, backup string)
		later bool // noticed by the goroutine only, not by the next change
	}{
		"deleted":  {do: func(t *testing.T, url, _ string) { runs(t, "rm", url) }},
		"all gone": {do: func(t *testing.T, url, _ string) { runs(t, "rm", "-r", filepath.Dir(url)) }},
		"replaced": {do: func(t *testing.T, url, backup string) { runs(t, "mv", backup, url) }},
		"emptied":  {do: func(t *testing.T, url, _ string) { runs(t, "truncate", "-s", "0", url) }},
		"log deleted": {do: func(t *testing.T, url, _ string) {
			runs(t, "rm", url+"-wal")
		}},
		"index deleted":            {do: func(t *testing.T, url, _ string) { runs(t, "rm", url+"-shm") }},
		"cut":                      {do: func(t *testing.T, url, _ string) { runs(t, "truncate", "-s", "30000", url) }, later: true},
		"backup written over it":   {do: func(t *testing.T, url, backup string) { runs(t, "cp", backup, url) }, later: true},
		"old copy written over it": {do: func(t *testing.T, url, _ string) { runs(t, "cp", url+".old", url) }, later: true},
		"text written over it":     {do: func(t *testing.T, url, _ string) { runs(t, "cp", "watch_test.go", url) }, later: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, log := engines()["sqlite"](t), &lockedBuffer{}
			s := watched(t, url, log)
			backup := backupOf(t, url)
			runs(t, "cp", url, url+".old")
			addUser(t, s, "bob")
			checkpointed(t, url)
			settled(t, s)
			c.do(t, url, backup)
			if !c.later {
				if err := change(s, adds("carol")); !errors.Is(err, sqlstore.ErrReplaced) {
					t.Errorf("the first change after it: %v", err)
				}
			}
			within(t, time.Second, func() bool { return errors.Is(change(s, adds("dave")), sqlstore.ErrReplaced) })
			if _, err := s.Head(t.Context()); !errors.Is(err, sqlstore.ErrReplaced) {
				t.Errorf("the head is read: %v", err)
			}
			if _, err := s.Tokens(t.Context(), 0, 10); !errors.Is(err, sqlstore.ErrReplaced) {
				t.Errorf("tokens are read: %v", err)
			}
			if !strings.Contains(log.String(), "the database was lost") || !strings.Contains(log.String(), "jeton admin restore") {
				t.Errorf("the log: %s", log)
			}
			before := stateOf(t, url)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if after := stateOf(t, url); after != before {
				t.Errorf("closing changed the file: %s, then %s", before, after)
			}
		})
	}
}

// TestFilesComeBack: the same file under its name again is the same database.
func TestFilesComeBack(t *testing.T) {
	url, log := engines()["sqlite"](t), &lockedBuffer{}
	s := watched(t, url, log)
	runs(t, "mv", url, url+".away")
	if err := change(s, adds("bob")); !errors.Is(err, sqlstore.ErrReplaced) {
		t.Errorf("a change: %v", err)
	}
	runs(t, "mv", url+".away", url)
	within(t, time.Second, func() bool { return change(s, adds("carol")) == nil })
	if !strings.Contains(log.String(), "are back") {
		t.Errorf("the log: %s", log)
	}
	isWhole(t, s)
}

// TestWatchLeavesServersAlone: what SQLite, tools and backups do is no loss.
func TestWatchLeavesServersAlone(t *testing.T) {
	url, log := engines()["sqlite"](t), &lockedBuffer{}
	s := watched(t, url, log)
	if err := s.Seed(t.Context(), seedOf(5, 50), nil); err == nil {
		t.Fatal("a database with users was seeded")
	}
	tool := mustOpen(t, sqlstore.Options{URL: url, Admin: true})
	until := time.Now().Add(1500 * time.Millisecond)
	for n := 0; time.Now().Before(until); n++ {
		who := s
		if n%3 == 0 {
			who = tool
		}
		addUser(t, who, "user"+strings.Repeat("x", n%50)+time.Now().Format("150405.000000000"))
		switch n % 50 {
		case 10:
			checkpointed(t, url)
		case 20:
			backupOf(t, url)
		case 30:
			exec(t, raw(t, url), `VACUUM`)
		}
	}
	if _, err := tool.Restore(t.Context(), sqlstore.Restoration{}); err != nil { // another epoch
		t.Fatal(err)
	}
	checkpointed(t, url)
	addUser(t, s, "last")
	settled(t, s)
	if log.String() != "" {
		t.Errorf("the log: %s", log)
	}
	isWhole(t, s)
}

// watched opens a database of some pages with a server's log.
func watched(t *testing.T, url string, log *lockedBuffer) *sqlstore.Store {
	t.Helper()
	first := mustOpen(t, sqlstore.Options{URL: url})
	addUser(t, first, "ann")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, sqlstore.Options{URL: url, Log: slog.New(slog.NewTextHandler(log, nil))})
	addUser(t, s, "amy")
	checkpointed(t, url)
	settled(t, s)
	return s
}

// checkpointed moves the log to the main file, as the server does now and then.
func checkpointed(t testing.TB, url string) {
	t.Helper()
	exec(t, raw(t, url), `PRAGMA wal_checkpoint(TRUNCATE)`)
}

// settled waits until the watch has seen the main file as it is.
func settled(t testing.TB, s *sqlstore.Store) {
	t.Helper()
	within(t, 5*time.Second, s.WatchSettled)
}

func within(t testing.TB, d time.Duration, is func() bool) {
	t.Helper()
	for until := time.Now().Add(d); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not within %s", d)
		}
	}
}

func stateOf(t testing.TB, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		return "gone"
	}
	return info.ModTime().String() + info.Mode().String()
}
