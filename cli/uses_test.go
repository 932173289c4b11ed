package cli_test

import (
	"net/http"
	"os"
	"testing"
)

// lastUse is the answer of the server about a token's uses.
type lastUse struct {
	LastUsedAt int64  `json:"last_used_at"`
	Address    string `json:"address"`
	Days       []struct {
		Uses int `json:"uses"`
	} `json:"days"`
}

func (c *caller) lastUse(t *testing.T, session string, m madeToken) (u lastUse) {
	t.Helper()
	status, _, err := c.call("GET", "/users/tokens/"+m.ID+"/uses", session, "", &u)
	if err != nil || status != http.StatusOK {
		t.Fatalf("uses: %d, %v", status, err)
	}
	return u
}

func (c *caller) use(t *testing.T, m madeToken, times int) {
	t.Helper()
	for range times {
		if status, _, err := c.call("GET", "/users/me", m.Secret, "", nil); err != nil || status != http.StatusOK {
			t.Fatalf("use: %d, %v", status, err)
		}
	}
}

// TestLastUseIsWrittenAtTheEnd: a server that is stopped writes its buffered uses. One that is
// killed loses only the uses since the last flush.
func TestLastUseIsWrittenAtTheEnd(t *testing.T) {
	dir, env := t.TempDir(), asAdmin(os.Environ())
	start := func() (*process, *caller) {
		t.Helper()
		p, err := startServe(dir, env)
		if err != nil {
			t.Fatal(err)
		}
		return p, newCaller(t, p.url)
	}
	p, c := start()
	session := c.login(t)
	var made madeToken
	if status, _, err := c.call("POST", "/users/me/tokens", session, `{"description":"used"}`, &made); err != nil || status != http.StatusOK {
		t.Fatalf("make: %d, %v", status, err)
	}
	c.use(t, made, 3)
	if err := p.stop(); err != nil {
		t.Fatalf("serve ended: %v\n%s", err, p.stderr)
	}
	p, c = start()
	u := c.lastUse(t, session, made)
	if u.LastUsedAt == 0 || u.Address != "127.0.0.1" || len(u.Days) == 0 {
		t.Errorf("after SIGTERM: %+v", u)
	}
	if n := u.total(); n != 3 {
		t.Errorf("after SIGTERM: %d uses, not 3", n)
	}
	c.use(t, made, 2)
	p.kill()
	p, c = start()
	if n := c.lastUse(t, session, made).total(); n < 3 || n > 5 {
		t.Errorf("after kill -9: %d uses, not 3 to 5", n)
	}
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
	checkDatabase(t, dir)
}

// total sums the uses of all days: midnight may be between two uses.
func (u lastUse) total() (n int) {
	for _, d := range u.Days {
		n += d.Uses
	}
	return n
}
