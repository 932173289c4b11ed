package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"jeton/client"
)

// failing fails n times and then succeeds.
func failing(n int, fail http.HandlerFunc) (http.HandlerFunc, *atomic.Int32) {
	var asked atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if k := int(asked.Add(1)); k <= n {
			fail(w, r)
			return
		}
		if r.Method != http.MethodGet && len(body) == 0 {
			w.WriteHeader(http.StatusBadRequest) // a retry must send the body again
			return
		}
		_, _ = w.Write([]byte(well[r.URL.Path]))
	}, &asked
}

// well is the body of a success, by the path.
var well = map[string]string{
	"/api/v4/users/tokens/id":     `{"id":"id"}`,
	"/api/v4/users/tokens":        `[]`,
	"/api/v4/users/search":        `[]`,
	"/api/v4/system/ping":         `{"status":"OK"}`,
	"/api/v4/bots":                `{"user_id":"id"}`,
	"/api/v4/users/id/tokens":     `{"id":"id","token":"x"}`,
	"/api/v4/users/id/active":     `{"status":"OK"}`,
	"/api/v4/roles/id/patch":      `{"id":"id"}`,
	"/api/v4/users/tokens/revoke": `{"status":"OK"}`,
}

func reads(x context.Context, c *client.Client) []namedCall {
	return []namedCall{
		{"one", func() error { _, err := c.Token(x, "id"); return err }},
		{"list", func() error { _, err := c.Tokens(x, client.Page{}); return err }},
		{"search by POST", func() error { _, err := c.SearchUsers(x, client.UserSearch{}); return err }},
		{"ping", func() error { return c.Ping(x) }},
	}
}

func changes(x context.Context, c *client.Client) []namedCall {
	return []namedCall{
		{"make a token", func() error { _, err := c.CreateToken(x, "id", client.NewToken{}); return err }},
		{"revoke", func() error { _, err := c.RevokeToken(x, "id"); return err }},
		{"make a bot", func() error { _, err := c.CreateBot(x, client.NewBot{}); return err }},
		{"activate", func() error { return c.SetActive(x, "id", true) }},
		{"permissions", func() error { _, err := c.SetPermissions(x, "id", nil); return err }},
	}
}

var failures = map[string]http.HandlerFunc{
	"429":                 status(429),
	"502":                 status(502),
	"503":                 status(503),
	"504":                 status(504),
	"no answer":           func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"half an answer":      half(200, `{"id":"id"`),
	"half a refusal":      half(403, `{"id":"x"`),
	"not a word of HTTP":  hijacked("\x00\x01\x02"),
	"half a status line":  hijacked("HTTP/1.1 2"),
	"reset by the server": hijacked(""),
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func half(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
		panic(http.ErrAbortHandler)
	}
}

func hijacked(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// A read is tried at most three times if the server is unavailable.
func TestReadsAreRetried(t *testing.T) {
	for name, fail := range failures {
		for n := range 4 {
			for i := range reads(t.Context(), nil) {
				h, asked := failing(n, fail)
				c := serve(t, h)
				call := reads(t.Context(), c)[i]
				err := call.call()
				if want := min(n+1, 3); int(asked.Load()) != want || (err == nil) != (n < 3) {
					t.Errorf("%s, %d times %s: asked %d times, want %d: %v", call.name, n, name, asked.Load(), want, err)
				}
			}
		}
	}
}

// A refusal is not retried.
func TestRefusalsAreNotRetried(t *testing.T) {
	for _, code := range []int{302, 400, 401, 403, 404, 405, 408, 409, 413, 425, 500, 501} {
		h, asked := failing(9, status(code))
		for _, call := range reads(t.Context(), serve(t, h)) {
			asked.Store(0)
			if err := call.call(); !isStatus(err, code) || asked.Load() != 1 {
				t.Errorf("%s after %d: asked %d times: %v", call.name, code, asked.Load(), err)
			}
		}
	}
}

// A change that the server may have received is not sent again.
func TestChangesAreSentOnce(t *testing.T) {
	for name, fail := range failures {
		for i := range changes(t.Context(), nil) {
			h, asked := failing(1, fail)
			call := changes(t.Context(), serve(t, h))[i]
			if err := call.call(); err == nil || asked.Load() != 1 {
				t.Errorf("%s after %s: sent %d times: %v", call.name, name, asked.Load(), err)
			}
		}
	}
}

// The same on a reused connection, where net/http itself retries requests that only read.
func TestChangesAreSentOnceOnAnOldConnection(t *testing.T) {
	for name, fail := range failures {
		for i := range changes(t.Context(), nil) {
			var broken atomic.Bool
			h, asked := failing(1, fail)
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if broken.Load() {
					h(w, r)
					return
				}
				_, _ = w.Write([]byte(`{"status":"OK"}`))
			})
			if err := c.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			broken.Store(true)
			call := changes(t.Context(), c)[i]
			if err := call.call(); err == nil || asked.Load() != 1 {
				t.Errorf("%s after %s: sent %d times: %v", call.name, name, asked.Load(), err)
			}
		}
	}
}

// dialer fails to connect n times with an error of its own.
type dialer struct {
	fail  error
	n     int
	dials int
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if d.dials++; d.dials <= d.n {
		return nil, d.fail
	}
	var real net.Dialer
	return real.DialContext(ctx, network, address)
}

func (d *dialer) client() client.Option {
	return client.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: d.dial, DisableKeepAlives: true}})
}

// refusedDial returns the error of a connection to a closed port.
func refusedDial(t *testing.T) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	_, err = net.Dial("tcp", l.Addr().String())
	if err == nil {
		t.Fatal("something listens")
	}
	return err
}

// If no connection was made, nothing was sent, and every call is retried.
func TestNoConnection(t *testing.T) {
	refused := refusedDial(t)
	for _, kind := range []func(context.Context, *client.Client) []namedCall{reads, changes} {
		for i := range kind(t.Context(), nil) {
			for n := range 5 {
				h, asked := failing(0, nil)
				d := &dialer{fail: refused, n: n}
				call := kind(t.Context(), serve(t, h, d.client()))[i]
				err := call.call()
				want, sent := min(n+1, 3), min(1, max(0, 3-n))
				if d.dials != want || int(asked.Load()) != sent || (err == nil) != (n < 3) || err != nil && !errors.Is(err, refused) {
					t.Errorf("%s, %d times refused: %d dials, sent %d times: %v", call.name, n, d.dials, asked.Load(), err)
				}
			}
		}
	}
}

// Permanent errors are not retried: an unknown host name, an untrusted certificate, https to
// an http server.
func TestHopelessConnections(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = discarded
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	unknown := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x.invalid", IsNotFound: true}}
	tests := map[string]struct {
		url  string
		dial *dialer
	}{
		"name":        {"https://x.invalid", &dialer{fail: unknown, n: 9}},
		"certificate": {secure.URL, &dialer{}},
		"plain":       {"https" + plain.URL[len("http"):], &dialer{}},
	}
	for name, tt := range tests {
		for _, kind := range []func(context.Context, *client.Client) []namedCall{reads, changes} {
			for _, call := range kind(t.Context(), open(t, tt.url, tt.dial.client(), client.Hurried)) {
				tt.dial.dials = 0
				if err := call.call(); err == nil || tt.dial.dials != 1 {
					t.Errorf("%s, %s: %d dials: %v", name, call.name, tt.dial.dials, err)
				}
			}
		}
	}
}
