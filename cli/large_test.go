package cli_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"jeton/apitest"
)

const (
	largeUsers  = 100_000
	largeTokens = 1_000_000
	largeFlood  = 100_000 // tokens that are verified
	// largeMemory is the most anonymous memory of the server.
	largeMemory = 64 << 20 // bytes
	// floodMemory is the same with a full cache, the buffered uses of 30 s, and the garbage
	// collector's overhead for both.
	floodMemory = 128 << 20 // bytes
)

// TestLargeDatabase: with a million tokens, the server needs little memory, its totals are
// right, and its deep pages hold the right tokens. It takes a minute, and memory under the race
// detector is not comparable, so "make test" runs it separately.
func TestLargeDatabase(t *testing.T) {
	if os.Getenv("JETON_TEST_LARGE") == "" || apitest.RaceDetector {
		t.Skip("make test runs this as a step of its own: JETON_TEST_LARGE is not set")
	}
	dir := t.TempDir()
	env := asAdmin(os.Environ())
	seed := exec.Command(program, "admin", "seed", "--users", strconv.Itoa(largeUsers), "--tokens", strconv.Itoa(largeTokens), "--secrets", "secrets")
	seed.Dir, seed.Env = dir, env
	if out, err := seed.CombinedOutput(); err != nil {
		t.Fatalf("seed: %v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
	p, err := startServe(dir, env)
	if err != nil {
		t.Fatal(err)
	}
	checkMemory(t, p, "after the start", largeMemory)
	db, err := sql.Open("sqlite", filepath.Join(dir, "data", "jeton.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // no write can be lost
	c := newCaller(t, p.url)
	session := c.login(t)
	for _, page := range []int{0, 1, 2500, 4998, 4999, 5000, 1 << 40} {
		checkPage(t, c, session, db, page)
	}
	for range 20 {
		for page := range 50 {
			checkStatus(t, c, session, fmt.Sprintf("/users/tokens?page=%d&per_page=200", page*100))
		}
	}
	checkMemory(t, p, "after listing", largeMemory)
	flood(t, p.url, filepath.Join(dir, "secrets"))
	checkMemory(t, p, "after verifying many", floodMemory)
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
}

// flood verifies largeFlood tokens, each once.
func flood(t *testing.T, url, secrets string) {
	t.Helper()
	text, err := os.ReadFile(secrets)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var group sync.WaitGroup
	for part := range slices.Chunk(lines[:largeFlood], largeFlood/8) {
		group.Go(func() {
			c := http.Client{Transport: &http.Transport{}} // one connection
			for _, line := range part {
				req, err := http.NewRequest("GET", url+"/verify", nil)
				if err != nil {
					t.Error(err)
					return
				}
				req.Header.Set("Authorization", "Bearer "+strings.Fields(line)[2])
				resp, err := c.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close() // it is empty
				if resp.StatusCode >= 500 {
					t.Errorf("status %d", resp.StatusCode)
				}
			}
		})
	}
	group.Wait()
}

func checkStatus(t *testing.T, c *caller, session, path string) {
	t.Helper()
	if status, _, err := c.call("GET", path, session, "", nil); err != nil || status != http.StatusOK {
		t.Fatalf("GET %s: %d, %v", path, status, err)
	}
}

// checkPage compares a page with a direct query of the database.
func checkPage(t *testing.T, c *caller, session string, db *sql.DB, page int) {
	t.Helper()
	var got []madeToken
	status, header, err := c.call("GET", fmt.Sprintf("/users/tokens?page=%d&per_page=200", page), session, "", &got)
	if err != nil || status != http.StatusOK {
		t.Fatalf("page %d: %d, %v", page, status, err)
	}
	if total := header.Get("X-Total-Count"); total != strconv.Itoa(largeTokens) {
		t.Errorf("page %d: X-Total-Count %s", page, total)
	}
	rows, err := db.Query("SELECT id FROM token ORDER BY seq LIMIT 200 OFFSET $1", page*200)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is checked
	n := 0
	for ; rows.Next(); n++ {
		var want string
		if err := rows.Scan(&want); err != nil {
			t.Fatal(err)
		}
		if n >= len(got) || got[n].ID != want {
			t.Fatalf("page %d: row %d is not %s", page, n, want)
		}
	}
	if rows.Err() != nil || n != len(got) {
		t.Errorf("page %d: %d rows, want %d (%v)", page, len(got), n, rows.Err())
	}
}

func checkMemory(t *testing.T, p *process, when string, most int64) {
	t.Helper()
	got, err := anonymousMemory(p.cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %.1f MiB", when, float64(got)/(1<<20))
	if got >= most {
		t.Errorf("%s the server takes %d MiB; at most %d are allowed", when, got>>20, most>>20)
	}
}

// anonymousMemory returns a process's RssAnon in bytes.
func anonymousMemory(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no RssAnon of %d", pid)
}
