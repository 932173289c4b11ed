package cli_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// underWay starts a server and sends a log-in without its body, which it returns as rest. The
// server has answered 100, so it has begun to read the body.
func underWay(t *testing.T, args ...string) (p *process, conn net.Conn, rest string) {
	t.Helper()
	p, err := startServe(t.TempDir(), asAdmin(os.Environ()), args...)
	if err != nil {
		t.Fatal(err)
	}
	conn, err = net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	body := fmt.Sprintf(`{"login_id":"admin","password":%q}`, testPassword)
	fmt.Fprintf(conn, "POST /api/v4/users/login HTTP/1.1\r\nHost: jeton\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.Contains(line, "100") {
		t.Fatalf("%q, %v", line, err)
	}
	return p, conn, body
}

// TestShutdownFinishesRequests: after SIGTERM the server accepts no new connections,
// answers the requests in progress, and exits with status 0.
func TestShutdownFinishesRequests(t *testing.T) {
	p, conn, rest := underWay(t)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitUntilClosed(t, conn.RemoteAddr().String())
	fmt.Fprint(conn, rest)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Token") == "" {
		t.Errorf("the log-in under way: %v, %v", resp, err)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
}

// TestSecondSignal: a second signal ends the program at once.
func TestSecondSignal(t *testing.T) {
	p, conn, _ := underWay(t)
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	waitUntilClosed(t, conn.RemoteAddr().String())
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("serve ended after %s: %v", time.Since(began), err)
	}
}

func waitUntilClosed(t *testing.T, address string) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		_ = c.Close()
	}
	t.Fatal("the server still listens 10 s after the signal")
}
