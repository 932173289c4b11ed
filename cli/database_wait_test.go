package cli_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"jeton/pgtest"
)

// forward forwards the connections to an address to another, until the test ends.
func forward(t *testing.T, from, to string) {
	t.Helper()
	l, err := net.Listen("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		}
	}()
}

// watched is the log of a server, which tells when a text is in it.
type watched struct {
	mu    sync.Mutex
	text  strings.Builder
	wait  string
	found chan struct{}
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if w.wait != "" && strings.Contains(w.text.String(), w.wait) {
		w.wait = ""
		close(w.found)
	}
	return len(p), nil
}

// TestWaitForDatabase: with --db-wait the server waits for a database that is not up yet, says
// so, and serves when it is.
func TestWaitForDatabase(t *testing.T) {
	u, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	to, from := u.Host, freeAddress(t)
	u.Host = from
	address := freeAddress(t)
	log := &watched{wait: "waiting for the database", found: make(chan struct{})}
	cmd := exec.Command(program, "serve", "--listen", address, "--db-wait", "30s")
	cmd.Dir, cmd.Env, cmd.Stderr = t.TempDir(), append(asAdmin(os.Environ()), "JETON_DB="+u.String()), log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() //nolint:errcheck // it may have ended
	<-log.found
	forward(t, from, to)
	eventually(t, "it does not serve", func() bool {
		status, _, err := newCaller(t, "http://"+address).call("GET", "/system/ping", "", "", nil)
		return err == nil && status == 200
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(log.text.String(), "the database is up") {
		t.Errorf("%v\n%s", err, &log.text)
	}
}

// refusedStart runs a server that must not start, and returns what it says.
func refusedStart(t *testing.T, database string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir, cmd.Env = t.TempDir(), append(asAdmin(os.Environ()), "JETON_DB="+database)
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

// TestNotWaitedFor: what waiting does not cure is an error at once, with its cause and what to
// do. None of them holds the password.
func TestNotWaitedFor(t *testing.T) {
	database := pgtest.URL(t)
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the connection is not used again
	name := conn.Config().Database + "_limited"
	for _, statement := range []string{
		"CREATE ROLE " + name + " LOGIN PASSWORD 'hunter22'", "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
		"CREATE ROLE " + name + "_out NOLOGIN PASSWORD 'hunter22'",
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_, _ = conn.Exec(context.Background(), "DROP ROLE "+name)
		_, _ = conn.Exec(context.Background(), "DROP ROLE "+name+"_out")
	})
	with := func(change func(u *url.URL)) string {
		u, err := url.Parse(database)
		if err != nil {
			t.Fatal(err)
		}
		change(u)
		return u.String()
	}
	parameter := func(key, value string) func(*url.URL) {
		return func(u *url.URL) {
			q := u.Query()
			q.Set(key, value)
			u.RawQuery = q.Encode()
		}
	}
	for _, tt := range []struct{ name, database, words, cure string }{
		{"no database", with(func(u *url.URL) { u.Path = "/nowhere" }), "does not exist", "CREATE DATABASE"},
		{"may not log in", with(func(u *url.URL) { u.User = url.UserPassword(name+"_out", "hunter22") }), "does not let this user in", "pg_hba.conf"},
		{"no schema", with(parameter("search_path", "nowhere")), "no schema", "search_path"},
		{"no privilege", with(func(u *url.URL) { u.User = url.UserPassword(name, "hunter22") }), "lacks a privilege", "GRANT"},
	} {
		out := refusedStart(t, tt.database, "--db-wait", "30s")
		if !strings.Contains(out, tt.words) || !strings.Contains(out, tt.cure) || strings.Contains(out, "hunter22") || strings.Contains(out, "waiting for") {
			t.Errorf("%s: %s", tt.name, out)
		}
	}
	gone := with(func(u *url.URL) { u.Host = "127.0.0.1:1" })
	if out := refusedStart(t, gone); !strings.Contains(out, "--db-wait") || strings.Contains(out, "waiting for") {
		t.Errorf("without --db-wait: %s", out)
	}
	if out := refusedStart(t, gone, "--db-wait", "300ms"); !strings.Contains(out, "did not come up within 300ms") {
		t.Errorf("with --db-wait: %s", out)
	}
	nameless := with(func(u *url.URL) { u.Host, u.RawQuery = "nowhere.invalid", "" })
	if out := refusedStart(t, nameless, "--db-wait", "300ms"); !strings.Contains(out, "waiting for the database") || !strings.Contains(out, "hosts=nowhere.invalid") || !strings.Contains(out, "may go over the network in plain text") {
		t.Errorf("a host without an address: %s", out)
	}
	if out := refusedStart(t, gone); strings.Contains(out, "plain text") {
		t.Errorf("this machine: %s", out)
	}
}

// TestFullDisk: a full disk is named. It needs the right to mount one.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "none", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk: %v %s", err, out)
	}
	defer func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	}()
	out := refusedStart(t, dir+"/jeton.db")
	if !strings.Contains(out, "the disk is full") || !strings.Contains(out, "make room") {
		t.Error(out)
	}
}
