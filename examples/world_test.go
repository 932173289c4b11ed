package examples_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/client"
	"jeton/web"
)

// proxy is an example that the tests run.
type proxy struct {
	name, file, debian string
	// run starts the program in dir with the example's text.
	run func(t testing.TB, dir, program, text string) *process
	// Where the proxies differ.
	unreachable, hung int // the status when Jeton is stopped, and when it does not answer
}

var proxies = []proxy{
	{"nginx", "nginx.conf", "nginx-light", runNginx, 503, 503},
	{"caddy", "Caddyfile", "caddy", runCaddy, 502, 504},
}

// The addresses in the examples.
const (
	exampleListen  = "127.0.0.1:8080"
	exampleJeton   = "127.0.0.1:8065"
	exampleService = "127.0.0.1:9000"
)

// world is a proxy with Jeton and a service behind it.
type world struct {
	*apitest.Server
	proxy
	asked, behind *peer // Jeton, and the service
	address       string
	away          atomic.Bool // Jeton's database is unavailable
	user          apitest.User
	deploys       apitest.Token // holds all of its owner's permissions
	reads         apitest.Token // holds deploy:read alone
}

func newWorld(t *testing.T, p proxy) *world {
	t.Helper()
	loopback, err := web.ParseProxies([]string{"127.0.0.1"})
	must(t, err)
	w := &world{proxy: p}
	w.Server = apitest.Start(t, apitest.Options{
		Proxies: loopback,
		Wrap:    func(s jeton.Store) jeton.Store { return &unsteady{Store: s, away: &w.away} },
	})
	w.role(t, "deployer", "deploy:read", "deploy:write")
	w.user = w.MakeUser("ann", "system_user", "deployer")
	w.deploys, w.reads = w.MakeToken(w.user.ID, "all"), w.MakeToken(w.user.ID, "narrow", "deploy:read")
	w.asked, w.behind = newPeer(t, w.Handler), newPeer(t, service)
	w.listen(t)
	return w
}

func (w *world) role(t testing.TB, name string, permissions ...string) {
	t.Helper()
	_, err := w.Client.CreateRole(t.Context(), client.NewRole{Name: name, DisplayName: name, Permissions: permissions})
	must(t, err)
}

// listen starts the proxy; if its address was taken meanwhile, on another one.
func (w *world) listen(t *testing.T) {
	program := find(t, w.name, w.debian)
	for range 5 {
		w.address = freeAddress(t)
		started := w.run(t, t.TempDir(), program, w.config(t))
		// Another process may answer at the address: it is our proxy if it asks our Jeton.
		err := started.await(func() bool {
			conn, err := net.Dial("tcp", w.address)
			if err != nil {
				return false
			}
			conn.Close() //nolint:errcheck // nothing was sent
			w.send(t, "GET", "/", "")
			return len(w.asked.take()) > 0
		})
		if err == nil {
			return
		}
		t.Log(err)
	}
	t.Fatal("the proxy does not start")
}

// config is the example's text with the test's addresses and no other change.
func (w *world) config(t testing.TB) string {
	text, err := os.ReadFile(w.file)
	must(t, err)
	out := string(text)
	for from, to := range map[string]string{
		exampleListen: w.address, exampleJeton: w.asked.address(), exampleService: w.behind.address(),
	} {
		if !strings.Contains(out, from) {
			t.Fatalf("%s does not hold %s", w.file, from)
		}
		out = strings.ReplaceAll(out, from, to)
	}
	return out
}

// runNginx includes the example as /etc/nginx/nginx.conf would.
func runNginx(t testing.TB, dir, program, text string) *process {
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // otherwise its workers cannot write into the directory
	}
	write(t, dir, "site.conf", text)
	write(t, dir, "nginx.conf", user+`
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include site.conf;
}
`)
	return start(t, dir, nil, program, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr")
}

func runCaddy(t testing.TB, dir, program, text string) *process {
	write(t, dir, "site", text)
	write(t, dir, "Caddyfile", "{\n\tadmin off\n\tauto_https off\n}\nimport site\n")
	env := []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "XDG_DATA_HOME=" + dir}
	return start(t, dir, env, program, "run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

// answer is the proxy's answer to the client.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request exactly as given, because a library would clean the target and the
// headers ("Name: value"). A body needs its length among the headers.
func (w *world) send(t testing.TB, method, target, body string, headers ...string) answer {
	t.Helper()
	conn := w.dial(t)
	defer conn.Close() //nolint:errcheck // it was read
	write := head(w.address, method, target, headers...) + body
	_, err := io.WriteString(conn, write)
	must(t, err)
	return read(t, bufio.NewReader(conn), method)
}

func (w *world) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", w.address)
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

func head(host, method, target string, headers ...string) string {
	return method + " " + target + " HTTP/1.1\r\n" + strings.Join(append([]string{"Host: " + host}, headers...), "\r\n") + "\r\n\r\n"
}

func read(t testing.TB, in *bufio.Reader, method string) answer {
	t.Helper()
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(resp.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func bearer(secret string) string { return "Authorization: Bearer " + secret }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// unsteady is a store whose database can become unavailable.
type unsteady struct {
	jeton.Store
	away *atomic.Bool
}

func (u *unsteady) Credential(ctx context.Context, d jeton.Digest, k jeton.Kind) (jeton.Credential, error) {
	if u.away.Load() {
		return jeton.Credential{}, errors.New("the database is away")
	}
	return u.Store.Credential(ctx, d, k)
}
