package cli_test

import (
	"database/sql"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	crashRounds  = 20
	crashWriters = 6
)

// TestCrash kills the server (-9) at random moments while tokens are created and revoked, and
// starts it again. Answered changes must hold: every created token is good, and every revoked
// token is not. A change without an answer may have happened or not.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	env := asAdmin(os.Environ())
	var all ledger
	session := ""
	for range crashRounds {
		p, err := startServe(dir, env, "--max-tokens-per-owner", "10000", "--log-level", "error")
		if err != nil {
			t.Fatal(err)
		}
		c := newCaller(t, p.url)
		if session == "" {
			session = c.login(t)
		}
		all.check(t, c)
		before := len(all.made)
		all.write(c, session, func() {
			time.Sleep(time.Duration(20+random.IntN(200)) * time.Millisecond) // the moment of the kill is random
			p.kill()
		})
		if strings.Contains(p.stderr.String(), "DATA RACE") {
			t.Fatal(p.stderr)
		}
		all.sample(before) // earlier rounds were checked: from now on check only a sample of them
	}
	p, err := startServe(dir, env)
	if err != nil {
		t.Fatal(err)
	}
	all.old = 0
	all.check(t, newCaller(t, p.url))
	if err := p.stop(); err != nil {
		t.Errorf("the last server ended: %v\n%s", err, p.stderr)
	}
	t.Logf("%d tokens made, %d revoked", len(all.made), len(all.revoked))
	if len(all.made) < crashRounds || len(all.revoked) == 0 {
		t.Error("too little was done to test anything")
	}
	checkDatabase(t, dir)
}

func checkDatabase(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "data", "jeton.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // no write can be lost
	var result string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
		t.Errorf("integrity_check: %q, %v", result, err)
	}
	check := exec.Command(program, "admin", "check")
	check.Dir = dir
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("admin check: %v\n%s", err, out)
	}
}

// ledger records the answers of a server.
type ledger struct {
	mu      sync.Mutex
	made    []madeToken
	revoked map[string]bool // the revoke was answered
	asked   map[string]bool // a revoke was sent
	old     int             // of the tokens before this index, check uses only a sample
}

func (l *ledger) sample(before int) { l.old = before }

// write creates and revokes tokens until the server has ended. end kills the server.
func (l *ledger) write(c *caller, session string, end func()) {
	if l.revoked == nil {
		l.revoked, l.asked = map[string]bool{}, map[string]bool{}
	}
	var writers sync.WaitGroup
	for range crashWriters {
		writers.Go(func() {
			for n := 0; ; n++ {
				var made madeToken
				status, _, err := c.call("POST", "/users/me/tokens", session, `{"description":"crash"}`, &made)
				if err != nil || status >= 300 {
					return
				}
				l.add(made)
				if n%3 != 0 {
					continue
				}
				l.ask(made.ID)
				status, _, err = c.call("POST", "/users/tokens/revoke", session, `{"token_id":"`+made.ID+`"}`, nil)
				if err != nil || status >= 300 {
					return
				}
				l.revoke(made.ID)
			}
		})
	}
	end()
	writers.Wait()
}

func (l *ledger) add(m madeToken) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made = append(l.made, m)
}

func (l *ledger) ask(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[id] = true
}

func (l *ledger) revoke(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.revoked[id] = true
}

// check uses every token of the last round, and one in ten of those before.
func (l *ledger) check(t *testing.T, c *caller) {
	t.Helper()
	for i, m := range l.made {
		if i < l.old && i%10 != 0 || l.asked[m.ID] && !l.revoked[m.ID] {
			continue
		}
		want := http.StatusOK
		if l.revoked[m.ID] {
			want = http.StatusUnauthorized
		}
		status, _, err := c.call("GET", "/users/me", m.Secret, "", nil)
		if err != nil || status != want {
			t.Errorf("token %s: status %d, %v; want %d", m.ID, status, err, want)
		}
	}
}
