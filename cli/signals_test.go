package cli_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"jeton/apitest"
)

// eventually fails unless a condition becomes true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(apitest.Within(20 * time.Second)); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatal(what)
}

// TestHangup: the signals by which tools make servers read their files again neither end the
// server nor break the request in progress, and no last use is lost.
func TestHangup(t *testing.T) {
	p, conn, rest := underWay(t)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGPIPE, syscall.SIGHUP} {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		c := newCaller(t, p.url)
		if status, _, err := c.call("GET", "/system/ping", "", "", nil); err != nil || status != http.StatusOK {
			t.Fatalf("after %s: %d, %v", s, status, err)
		}
	}
	fmt.Fprint(conn, rest)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("the log-in under way: %v, %v", resp, err)
	}
	c := newCaller(t, p.url)
	session := c.login(t)
	var made madeToken
	if status, _, err := c.call("POST", "/users/me/tokens", session, `{"description":"used"}`, &made); err != nil || status != http.StatusOK {
		t.Fatalf("make: %d, %v", status, err)
	}
	c.use(t, made, 3)
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := p.stop(); err != nil {
		t.Fatalf("serve ended: %v\n%s", err, p.stderr)
	}
	if !strings.Contains(p.stderr.String(), "signal=hangup") {
		t.Errorf("the log does not say so:\n%s", p.stderr)
	}
	p, err = startServe(p.cmd.Dir, asAdmin(os.Environ()))
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	if u := newCaller(t, p.url).lastUse(t, session, made); len(u.Days) == 0 || u.Days[0].Uses != 3 {
		t.Errorf("uses: %+v", u)
	}
}

// startPiped starts a server whose stdout and stderr go to one pipe, and returns the
// URL and the end that reads.
func startPiped(t *testing.T, args ...string) (cmd *exec.Cmd, url string, reader *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.TempDir(), asAdmin(os.Environ()), writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = reader.Close()
	})
	lines := bufio.NewReader(reader)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if after, ok := strings.CutPrefix(line, "Jeton serves "); ok {
			url = strings.TrimSpace(after)
		}
		if strings.Contains(line, "TOKEN=$(") {
			return cmd, url, reader
		}
	}
}

// TestLogReaderEnds: the server goes on when the program that read its output ended.
func TestLogReaderEnds(t *testing.T) {
	cmd, url, reader := startPiped(t)
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	c := newCaller(t, url)
	for i := range 50 {
		if status, _, err := c.call("GET", "/users/me", "", "", nil); err != nil || status != http.StatusUnauthorized {
			t.Fatalf("request %d: %d, %v", i, status, err)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve ended: %v", err)
	}
}

// TestLogReaderIsStuck: a program that no longer reads the log, but keeps the pipe open, does
// not stop the server; the lines that were dropped are counted.
func TestLogReaderIsStuck(t *testing.T) {
	cmd, url, reader := startPiped(t, "--log-level", "debug")
	c := newCaller(t, url)
	const lines = 5000 // more than a pipe of 64 KiB and the buffer hold
	for i := range lines {
		if status, _, err := c.call("GET", "/system/ping", "", "", nil); err != nil || status != http.StatusOK {
			t.Fatalf("request %d: %d, %v", i, status, err)
		}
	}
	read := make(chan string)
	go func() {
		text, _ := io.ReadAll(reader)
		read <- string(text)
	}()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve ended: %v", err)
	}
	if text := <-read; !strings.Contains(text, "lines of the log were dropped") {
		t.Errorf("%d bytes of log do not say that lines are missing", len(text))
	}
}

// TestLogFile: the log goes to a file of mode 0600, and SIGHUP opens it again by its name.
func TestLogFile(t *testing.T) {
	dir := t.TempDir()
	file, moved := filepath.Join(dir, "jeton.log"), filepath.Join(dir, "jeton.log.1")
	p, err := startServe(dir, asAdmin(os.Environ()), "--log-file", file, "--log-format", "json")
	if err != nil {
		t.Fatal(err)
	}
	holds := func(path, text string) func() bool {
		return func() bool {
			log, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(log), text)
		}
	}
	eventually(t, "the log is not in the file", holds(file, `"msg":"serving"`))
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if err := os.Rename(file, moved); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the file is not made again", func() bool { _, err := os.Stat(file); return err == nil })
	newCaller(t, p.url).login(t)
	eventually(t, "the log is not in the new file", holds(file, `"msg":"request"`))
	if holds(moved, `"msg":"request"`)() {
		t.Error("the log is in the file that was moved")
	}
	if err := p.stop(); err != nil {
		t.Errorf("serve ended: %v\n%s", err, p.stderr)
	}
	if !holds(file, "shut down")() || p.stderr.Len() != 0 {
		t.Errorf("the end is not in the file; stderr: %s", p.stderr)
	}
}
