package cli_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"jeton/pgtest"
)

// grants are the statements of docs/security.md, which a test runs as they stand there.
func grants(t *testing.T) []string {
	t.Helper()
	_, text, found := strings.Cut(readDoc(t, "docs/security.md"), "```sql\n")
	text, _, ended := strings.Cut(text, "```")
	if !found || !ended {
		t.Fatal("docs/security.md has no statements")
	}
	return strings.Split(strings.TrimSpace(text), ";\n")
}

// TestServeWithoutOwnership: one role owns the schema and migrates it, another, which can
// only read and change rows, serves.
func TestServeWithoutOwnership(t *testing.T) {
	database := pgtest.URL(t)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Roles belong to the cluster and outlive the database of this test.
		for _, role := range []string{"jeton_server", "jeton_owner"} {
			_, _ = conn.Exec(context.Background(), "DROP OWNED BY "+role+" CASCADE")
			_, _ = conn.Exec(context.Background(), "DROP ROLE "+role)
		}
		_ = conn.Close(context.Background())
	})
	for _, statement := range grants(t) {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	as := func(role string) string {
		u, err := url.Parse(database)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.User(role)
		return u.String()
	}
	if out := refusedStart(t, as("jeton_server")); !strings.Contains(out, "lacks a privilege") {
		t.Errorf("it served before the tables were made: %s", out)
	}
	migrate := exec.Command(program, "admin", "migrate")
	migrate.Dir, migrate.Env = t.TempDir(), append(os.Environ(), "JETON_DB="+as("jeton_owner"))
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	serveAndChange(t, as("jeton_server"))

	limited, err := pgx.Connect(t.Context(), as("jeton_server"))
	if err != nil {
		t.Fatal(err)
	}
	defer limited.Close(context.Background()) //nolint:errcheck // the connection is not used again
	for _, statement := range []string{"CREATE TABLE other (id int)", "DROP TABLE token", "TRUNCATE token", "ALTER TABLE token ADD COLUMN x int"} {
		if _, err := limited.Exec(t.Context(), statement); err == nil {
			t.Errorf("the role of the server may: %s", statement)
		}
	}
}

// serveAndChange starts a server, makes, uses and revokes a token and a role, and stops it.
func serveAndChange(t *testing.T, database string) {
	t.Helper()
	p, err := startServe(t.TempDir(), asAdmin(append(os.Environ(), "JETON_DB="+database)))
	if err != nil {
		t.Fatal(err)
	}
	c := newCaller(t, p.url)
	session := c.login(t)
	var m madeToken
	if status, _, err := c.call("POST", "/users/me/tokens", session, `{"description":"limited"}`, &m); err != nil || status != http.StatusOK {
		t.Fatalf("create: %d, %v", status, err)
	}
	c.use(t, m, 2)
	for _, change := range []struct{ path, body string }{
		{"/roles", `{"name":"deployer","permissions":["deploy:write"]}`},
		{"/users", `{"username":"anna","email":"anna@example.org","password":"a long enough one"}`},
		{"/users/tokens/revoke", `{"token_id":"` + m.ID + `"}`},
		{"/users/logout", ""},
	} {
		if status, _, err := c.call("POST", change.path, session, change.body, nil); err != nil || status/100 != 2 {
			t.Errorf("%s: %d, %v", change.path, status, err)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}
