package cli_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jeton/pgtest"
)

// startMeasured starts a server with metrics. The server ends with the test.
func startMeasured(t *testing.T, args ...string) *process {
	t.Helper()
	p, err := startServe(t.TempDir(), asAdmin(os.Environ()), append([]string{"--metrics-listen", "127.0.0.1:0"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// fetch returns the status and the body of a page. The request has a token's secret, unless it
// is empty.
func fetch(t *testing.T, url, secret string) (int, string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// waitFor fetches a page until it has the wanted status and text.
func waitFor(t *testing.T, page string, status int, contains string) {
	t.Helper()
	var got int
	var body string
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if got, body = fetch(t, page, ""); got == status && strings.Contains(body, contains) {
			return
		}
	}
	t.Fatalf("%s: %d %s; not %d with %q within 20 s", page, got, body, status, contains)
}

// The metrics count the requests of the test. The main address does not serve these pages. The
// pages and the log hold no secret.
func TestMetrics(t *testing.T) {
	p := startMeasured(t, "--log-verifications", "--log-level", "debug")
	c := newCaller(t, p.url)
	session := c.login(t)
	var made madeToken
	if status, _, err := c.call("POST", "/users/me/tokens", session, `{"description":"x"}`, &made); err != nil || status != http.StatusOK {
		t.Fatalf("make: %d, %v", status, err)
	}
	for _, v := range []struct {
		target, secret string
		status         int
	}{
		{"/verify", made.Secret, 200},
		{"/verify/" + made.Secret, made.Secret, 200},
		{"/verify?require=deploy:write&x=" + made.Secret, made.Secret, 403},
		{"/verify", "", 401},
		{"/verify?require=" + made.Secret, made.Secret, 400},
	} {
		if status, _ := fetch(t, p.url+v.target, v.secret); status != v.status {
			t.Errorf("%s: %d, not %d", v.target, status, v.status)
		}
	}
	status, text := fetch(t, p.metrics+"/metrics", "")
	if status != http.StatusOK {
		t.Fatalf("/metrics: %d", status)
	}
	for _, line := range []string{
		`jeton_verifications_total{outcome="good"} 2`, `jeton_verifications_total{outcome="lacking"} 1`,
		`jeton_verifications_total{outcome="no_credentials"} 1`, `jeton_verifications_total{outcome="misasked"} 1`,
		"jeton_verification_duration_seconds_count 5", "jeton_committer_group_changes_count ",
		`jeton_http_request_duration_seconds_count{method="POST",route="/api/v4/users/{user_id}/tokens",status="2xx"} 1`,
		`jeton_build_info{go_version="go`, "go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no line begins with %s", line)
		}
	}
	waitFor(t, p.metrics+"/readyz", http.StatusOK, `"ready":true`)
	for _, page := range []string{"/metrics", "/healthz", "/readyz"} {
		if status, _ := fetch(t, p.url+page, ""); status != http.StatusNotFound {
			t.Errorf("%s on the server's own address: %d", page, status)
		}
	}
	if err := p.stop(); err != nil {
		t.Fatalf("serve ended: %v\n%s", err, p.stderr)
	}
	log := p.stderr.String()
	for _, secret := range []string{made.Secret, session, testPassword} {
		if strings.Contains(log, secret) || strings.Contains(text, secret) {
			t.Errorf("a secret is in the log or in the metrics: %q", secret)
		}
	}
	lacking := "require=deploy:write"
	if n := strings.Count(log, "msg=verification"); n != 5 || !strings.Contains(log, lacking) || !strings.Contains(log, "via=token:"+made.ID) {
		t.Errorf("%d lines of verifications, not 5, or one without %s\n%s", n, lacking, log)
	}
}

// The log has lines for verifications only with --log-verifications.
func TestVerificationsAreNotLogged(t *testing.T) {
	p, err := startServe(t.TempDir(), asAdmin(os.Environ()), "--log-level", "debug")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := fetch(t, p.url+"/verify", "unknown"); status != http.StatusUnauthorized || p.metrics != "" {
		t.Errorf("%d, metrics at %q", status, p.metrics)
	}
	if err := p.stop(); err != nil || strings.Contains(p.stderr.String(), "verif") {
		t.Errorf("%v\n%s", err, p.stderr)
	}
}

// Without the database the server is not ready, but stays alive.
func TestReadinessFollowsTheDatabase(t *testing.T) {
	database := pgtest.URL(t)
	p := startMeasured(t, "--db", database)
	waitFor(t, p.metrics+"/readyz", http.StatusOK, `"ready":true`)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the connection is not used again
	run := func(statement string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run("ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS false")
	run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'")
	waitFor(t, p.metrics+"/readyz", http.StatusServiceUnavailable, `"database":"cannot be reached`)
	waitFor(t, p.metrics+"/readyz", http.StatusServiceUnavailable, `"feed":"the journal`)
	if status, _ := fetch(t, p.metrics+"/healthz", ""); status != http.StatusOK {
		t.Errorf("/healthz without a database: %d", status)
	}
	run("ALTER DATABASE " + name + " WITH ALLOW_CONNECTIONS true")
	waitFor(t, p.metrics+"/readyz", http.StatusOK, `"ready":true`)
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
}

// After the signal, until the last request has ended, the server is not ready, but it is alive
// and serves metrics.
func TestNotReadyWhenShuttingDown(t *testing.T) {
	p, conn, rest := underWay(t, "--metrics-listen", "127.0.0.1:0")
	waitFor(t, p.metrics+"/readyz", http.StatusOK, `"ready":true`)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitUntilClosed(t, conn.RemoteAddr().String())
	if status, body := fetch(t, p.metrics+"/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "shutting down") {
		t.Errorf("/readyz: %d %s", status, body)
	}
	for _, page := range []string{"/healthz", "/metrics"} {
		if status, _ := fetch(t, p.metrics+page, ""); status != http.StatusOK {
			t.Errorf("%s: %d", page, status)
		}
	}
	fmt.Fprint(conn, rest)
	if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
		t.Error(err)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
}

// If the metrics address is in use, the server reports that before it creates a database.
func TestMetricsAddressIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nothing was written
	dir := t.TempDir()
	p, err := startServe(dir, asAdmin(os.Environ()), "--metrics-listen", taken.Addr().String())
	if err == nil {
		p.kill()
		t.Fatal("it serves")
	}
	for _, words := range []string{"exit status 1", "address already in use", "--metrics-listen"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not in: %v", words, err)
		}
	}
	if _, err := os.Stat(dir + "/data"); err == nil {
		t.Error("a database was made")
	}
}
