package examples_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/client"
)

// TestService builds the example service from its own module and runs it beside
// Jeton.
func TestService(t *testing.T) {
	program := buildModule(t, "service")
	s := apitest.Start(t, apitest.Options{})
	_, err := s.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}})
	must(t, err)
	asks := s.MakeToken(s.MakeUser("service", "system_user", "system_token_verifier").ID, "asks").Secret
	ann := s.MakeUser("ann", "system_user", "deployer")
	t.Run("answers", func(t *testing.T) {
		testServiceAnswers(t, s, ann, startService(t, program, s.URL, asks))
	})
	t.Run("shutdown", func(t *testing.T) {
		testServiceShutdown(t, s.MakeToken(ann.ID, "all").Secret, startService(t, program, s.URL, asks))
	})
}

// buildModule builds the main package of the module in dir and returns the program's
// path. The program has the race detector when the test has it.
func buildModule(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-o", program)
	if apitest.RaceDetector {
		cmd.Args = append(cmd.Args, "-race")
	}
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build in %s: %v\n%s", dir, err, out)
	}
	return program
}

// runningService is the example service, running.
type runningService struct {
	*process
	url, secret string
}

var serviceURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func startService(t *testing.T, program, jeton, secret string) *runningService {
	t.Helper()
	s := &runningService{secret: secret}
	s.process = start(t, t.TempDir(), []string{"LISTEN=127.0.0.1:0", "JETON_URL=" + jeton, "JETON_TOKEN=" + secret}, program)
	must(t, s.await(func() bool {
		s.url = serviceURL.FindString(s.said())
		return s.url != ""
	}))
	return s
}

// stops sends SIGTERM to the service and expects that it exits with status 0 and that
// its log does not hold its secret.
func (s *runningService) stops(t *testing.T) {
	t.Helper()
	must(t, s.cmd.Process.Signal(syscall.SIGTERM))
	<-s.end
	if !s.cmd.ProcessState.Success() {
		t.Errorf("%v: %s", s.cmd.ProcessState, s.said())
	}
	if strings.Contains(s.said(), s.secret) {
		t.Error("the log holds the service's token")
	}
}

// ask sends a request and returns the status, the challenge and the body in one line.
func (s *runningService) ask(t *testing.T, method, path, secret string) string {
	t.Helper()
	req, err := http.NewRequest(method, s.url+path, nil)
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

func testServiceAnswers(t *testing.T, s *apitest.Server, ann apitest.User, running *runningService) {
	all, narrow := s.MakeToken(ann.ID, "all"), s.MakeToken(ann.ID, "narrow", "deploy:read")
	for _, tt := range []struct{ method, path, secret, want string }{
		{"GET", "/whoami", all.Secret, "200  ann [system_user deployer]"},
		{"GET", "/whoami", narrow.Secret, "200  ann [system_user deployer]"},
		{"POST", "/deploys", all.Secret, "202  deployed by ann"},
		{"POST", "/deploys", narrow.Secret, `403 Bearer realm="jeton", error="insufficient_scope", scope="deploy:write" Forbidden`},
		{"POST", "/deploys", "", `401 Bearer realm="jeton" Unauthorized`},
		{"GET", "/nothing", "", `401 Bearer realm="jeton" Unauthorized`},
		{"GET", "/whoami", "nonsense", `401 Bearer realm="jeton", error="invalid_token" Unauthorized`},
	} {
		if got := running.ask(t, tt.method, tt.path, tt.secret); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
	_, err := s.Client.RevokeToken(t.Context(), all.ID)
	must(t, err)
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		if strings.HasPrefix(running.ask(t, "GET", "/whoami", all.Secret), "401") {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("a revoked token is still good")
		}
	}
	running.stops(t)
}

// The service answers the request that it has begun to read when the signal arrives.
func testServiceShutdown(t *testing.T, good string, running *runningService) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(running.url, "http://"))
	must(t, err)
	defer conn.Close() //nolint:errcheck // it was read
	_, err = io.WriteString(conn, "GET /whoami HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n")
	must(t, err)
	_, err = io.WriteString(conn, "Authorization: Bearer "+good+"\r\nConnection: close\r\n\r\n")
	must(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	must(t, resp.Body.Close())
	running.stops(t)
	if _, err := net.Dial("tcp", strings.TrimPrefix(running.url, "http://")); err == nil {
		t.Error("it still listens")
	}
}

// TestOutsideModule builds a program outside of this repository with the lines that
// README.md gives for it: nothing is downloaded, and go.mod needs no other line.
func TestOutsideModule(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	must(t, err)
	require := regexp.MustCompile(`(?m)^require jeton .*$`).FindString(string(readme))
	replace := regexp.MustCompile(`(?m)^replace jeton => (\S+)`).FindStringSubmatch(string(readme))
	imports := regexp.MustCompile(`(?m)^import "jeton/client"$`).FindString(string(readme))
	if require == "" || replace == nil || imports == "" {
		t.Fatal("README.md does not say how another module imports the client")
	}
	checkout, err := filepath.Abs("..")
	must(t, err)
	dir := t.TempDir()
	mod := "module example.org/outside\n\ngo 1.26.0\n\n" + require + "\n\n" + strings.Replace(replace[0], replace[1], checkout, 1) + "\n"
	write(t, dir, "go.mod", mod)
	write(t, dir, "main.go", "package main\n\n"+imports+"\n\nfunc main() {\n\t_, err := client.New(\"http://127.0.0.1:8065\")\n\tif err != nil {\n\t\tpanic(err)\n\t}\n}\n")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-mod=readonly")
	must(t, exec.Command(buildModule(t, dir)).Run())
}
