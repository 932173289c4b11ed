package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/client"
)

// TestMain lets the test's program be the service.
func TestMain(m *testing.M) {
	if os.Getenv("EXAMPLE_SERVICE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// started is the service, running.
type started struct {
	cmd  *exec.Cmd
	url  string
	rest chan string // what it says until its end
}

func start(t *testing.T, env ...string) *started {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	s := &started{cmd: exec.Command(program), rest: make(chan string, 1)}
	s.cmd.Env = append(append(os.Environ(), "EXAMPLE_SERVICE=1", "LISTEN=127.0.0.1:0"), env...)
	out, err := s.cmd.StderrPipe()
	must(t, err)
	must(t, s.cmd.Start())
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	in := bufio.NewReader(out)
	line, err := in.ReadString('\n')
	must(t, err)
	if s.url = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line); s.url == "" {
		t.Fatal(line)
	}
	go func() {
		text, _ := io.ReadAll(in)
		s.rest <- string(text)
	}()
	return s
}

func world(t *testing.T) (s *apitest.Server, asks string, u apitest.User) {
	t.Helper()
	s = apitest.Start(t, apitest.Options{})
	verifier := s.MakeUser("service", "system_user", "system_token_verifier")
	_, err := s.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}})
	must(t, err)
	return s, s.MakeToken(verifier.ID, "asks").Secret, s.MakeUser("ann", "system_user", "deployer")
}

func TestService(t *testing.T) {
	s, asks, ann := world(t)
	all, narrow := s.MakeToken(ann.ID, "all"), s.MakeToken(ann.ID, "narrow", "deploy:read")
	running := start(t, "JETON_URL="+s.URL, "JETON_TOKEN="+asks)
	do := func(method, path, secret string) string {
		req, err := http.NewRequest(method, running.url+path, nil)
		must(t, err)
		if secret != "" {
			req.Header.Set("Authorization", "Bearer "+secret)
		}
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		defer resp.Body.Close() //nolint:errcheck // it was read
		text, err := io.ReadAll(resp.Body)
		must(t, err)
		return strings.TrimSpace(resp.Status[:4] + resp.Header.Get("Www-Authenticate") + " " + string(text))
	}
	for _, tt := range []struct{ method, path, secret, want string }{
		{"GET", "/whoami", all.Secret, "200  ann [system_user deployer]"},
		{"GET", "/whoami", narrow.Secret, "200  ann [system_user deployer]"},
		{"POST", "/deploys", all.Secret, "202  deployed by ann"},
		{"POST", "/deploys", narrow.Secret, `403 Bearer realm="jeton", error="insufficient_scope", scope="deploy:write" Forbidden`},
		{"POST", "/deploys", "", `401 Bearer realm="jeton" Unauthorized`},
		{"GET", "/nothing", "", `401 Bearer realm="jeton" Unauthorized`},
		{"GET", "/whoami", "nonsense", `401 Bearer realm="jeton", error="invalid_token" Unauthorized`},
	} {
		if got := do(tt.method, tt.path, tt.secret); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
	_, err := s.Client.RevokeToken(t.Context(), all.ID)
	must(t, err)
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if strings.HasPrefix(do("GET", "/whoami", all.Secret), "401") {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("a revoked token is still good")
		}
	}
	stops(t, running, asks)
}

// stops tells the service to end, and expects that it says nothing of its secret.
func stops(t *testing.T, s *started, secret string) {
	t.Helper()
	must(t, s.cmd.Process.Signal(syscall.SIGTERM))
	rest := <-s.rest
	if err := s.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, rest)
	}
	if strings.Contains(rest, secret) {
		t.Error("it prints its token")
	}
}

// What is under way when the service is told to end is answered.
func TestShutdown(t *testing.T) {
	s, asks, ann := world(t)
	good := s.MakeToken(ann.ID, "all").Secret
	running := start(t, "JETON_URL="+s.URL, "JETON_TOKEN="+asks)
	conn, err := net.Dial("tcp", strings.TrimPrefix(running.url, "http://"))
	must(t, err)
	defer conn.Close() //nolint:errcheck // it was read
	// Half a request: the service has begun with it.
	_, err = io.WriteString(conn, "GET /whoami HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n")
	must(t, err)
	_, err = io.WriteString(conn, "Authorization: Bearer "+good+"\r\nConnection: close\r\n\r\n")
	must(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	must(t, resp.Body.Close())
	stops(t, running, asks)
	if _, err := net.Dial("tcp", strings.TrimPrefix(running.url, "http://")); err == nil {
		t.Error("it still listens")
	}
}

func TestSettings(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"JETON_TOKEN": {"JETON_URL": "http://127.0.0.1:8065"},
		"JETON_URL":   {"JETON_TOKEN": "jtn_x", "JETON_URL": "http://jtn_secret@127.0.0.1"},
		"listen":      {"JETON_TOKEN": "jtn_x", "JETON_URL": "http://127.0.0.1:8065", "LISTEN": "127.0.0.1:-1"},
	} {
		err := run(context.Background(), func(k string) string { return env[k] }, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "jtn_") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
