package cli_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestNoSecretAtRest: after tokens and sessions were created, used, disabled and revoked, no
// file in the server's directory holds a secret or the password, while the server runs and
// after it has ended.
func TestNoSecretAtRest(t *testing.T) {
	dir := t.TempDir()
	p, err := startServe(dir, asAdmin(os.Environ()), "--log-level", "debug")
	if err != nil {
		t.Fatal(err)
	}
	c := newCaller(t, p.url)
	session := c.login(t)
	secrets := []string{testPassword, session}
	for _, end := range []string{"", "disable", "revoke"} {
		var m madeToken
		if status, _, err := c.call("POST", "/users/me/tokens", session, `{"description":"at rest"}`, &m); err != nil || status != http.StatusOK {
			t.Fatalf("create: %d, %v", status, err)
		}
		secrets = append(secrets, m.Secret)
		c.use(t, m, 1)
		if end == "" {
			continue
		}
		if status, _, err := c.call("POST", "/users/tokens/"+end, session, `{"token_id":"`+m.ID+`"}`, nil); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d, %v", end, status, err)
		}
	}
	holdsNone(t, dir, secrets)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	holdsNone(t, dir, secrets)
}

// holdsNone fails if a file in a directory holds one of the texts. It must find the tokens'
// description, which shows that the search works.
func holdsNone(t *testing.T, dir string, texts []string) {
	t.Helper()
	described := false
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		described = described || bytes.Contains(content, []byte("at rest"))
		for i, text := range texts {
			if bytes.Contains(content, []byte(text)) {
				t.Errorf("%s holds secret %d", filepath.Base(path), i)
			}
		}
		return err
	})
	if err != nil || !described {
		t.Errorf("the files were not searched: %v", err)
	}
}
