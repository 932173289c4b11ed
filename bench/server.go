package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const adminPassword = "a password for measuring"

// server is the program under measurement.
type server struct {
	cmd     *exec.Cmd
	log     bytes.Buffer // its stderr, for error messages
	url     string
	ready   time.Duration // from exec to the first 200 of a ping
	session string        // the secret of the administrator's session
	started int64         // RssAnon when it was ready, bytes
}

// environment passes the database by its variable, because its URL may hold a password.
func environment(db string) []string {
	return append(os.Environ(), "JETON_DB="+db, "JETON_ADMIN_PASSWORD="+adminPassword)
}

func seed(ctx context.Context, o options, dir, db string) error {
	began := time.Now()
	cmd := exec.CommandContext(ctx, o.program, "admin", "seed", "--users", strconv.Itoa(o.users),
		"--tokens", strconv.Itoa(o.tokens), "--secrets", "secrets")
	cmd.Dir, cmd.Env = dir, environment(db)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("seed: %w\n%s", err, out)
	}
	took := time.Since(began)
	fmt.Printf("seeded in %.1f s: %.0f tokens/s\n", took.Seconds(), float64(o.tokens)/took.Seconds())
	return nil
}

// startServer runs the program and waits until it answers.
func startServer(ctx context.Context, program, dir, db string) (*server, error) {
	const address = "127.0.0.1:18065"
	s := &server{cmd: exec.CommandContext(ctx, program, "serve", "--listen", address, "--log-level", "error", "--max-tokens-per-owner", "10000")}
	s.url = "http://" + address
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr = dir, environment(db), &s.log
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for {
		resp, err := http.Get(s.url + "/api/v4/system/ping")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(began) > time.Minute {
			s.stop()
			return nil, fmt.Errorf("the server did not get ready within a minute\n%s", s.log.String())
		}
		time.Sleep(200 * time.Microsecond)
	}
	s.ready = time.Since(began)
	s.started = s.memory()
	return s, s.login()
}

func (s *server) login() error {
	resp, err := http.Post(s.url+"/api/v4/users/login", "application/json",
		strings.NewReader(fmt.Sprintf(`{"login_id":"admin","password":%q}`, adminPassword)))
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if s.session = resp.Header.Get("Token"); s.session == "" {
		return fmt.Errorf("log-in: %s", resp.Status)
	}
	return nil
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(time.Minute, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	_ = s.cmd.Wait()
}

// memory returns RssAnon in bytes; 0: /proc does not have it.
func (s *server) memory() int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close() //nolint:errcheck // it was only read
	var kib int64
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if n, _ := fmt.Sscanf(lines.Text(), "RssAnon: %d kB", &kib); n == 1 {
			break
		}
	}
	return kib << 10
}
