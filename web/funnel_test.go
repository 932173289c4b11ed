package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/limit"
	"jeton/web"
)

const goodSecret = "jts_thesecretofthesession"

// keys knows one secret; one is such that the store cannot be asked about it.
type keys struct{}

func (keys) Actor(_ context.Context, secret string) (jeton.Actor, error) {
	switch secret {
	case goodSecret:
		return jeton.Actor{Owner: jeton.Owner{ID: "someone"}, Kind: jeton.KindSession, ViaID: "session1"}, nil
	case "unknowable":
		return jeton.Actor{}, &jeton.Error{Code: jeton.CodeAuthFailed, Err: errors.New("store is away")}
	}
	return jeton.Actor{}, &jeton.Error{Code: jeton.CodeUnauthenticated, Err: authn.ErrUnknown}
}

// Cached is true of the one secret.
func (keys) Cached(secret string) bool { return secret == goodSecret }

// log is a log that a test reads while the server writes.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// front is a small front: every route is the path of its handler.
func front(t *testing.T, f *web.Funnel, access web.Access, h web.Handler) (*httptest.Server, *log) {
	t.Helper()
	var out log
	f.Auth, f.Log, f.Version = keys{}, slog.New(slog.NewJSONHandler(&out, nil)), "11.10.0"
	f.Fail = func(c *web.Call, err error) {
		status := map[jeton.Code]int{
			jeton.CodeUnauthenticated: 401, web.CodeTokenInQuery: 401, jeton.CodeAuthFailed: 503, jeton.CodeURLTooLong: 414,
			jeton.CodeBodyTooLarge: 413, jeton.CodeInternal: 500, jeton.CodeInvalidBody: 400, jeton.CodeTooManyUnknown: 429,
		}[jeton.CodeOf(err)]
		_ = c.WriteJSON(status, string(jeton.CodeOf(err)))
	}
	s := httptest.NewServer(f.Wrap(f.Route("/pattern/{id}", access, h)))
	t.Cleanup(s.Close)
	return s, &out
}

func do(t *testing.T, method, url string, h http.Header, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	if h != nil {
		req.Header = h
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, _ := io.ReadAll(resp.Body)
	return resp, string(text)
}

func hello(*web.Call) (any, error) { return map[string]string{"hello": "<world>"}, nil }

func TestHeaders(t *testing.T) {
	s, _ := front(t, &web.Funnel{Storable: true}, web.Open, hello)
	resp, body := do(t, "GET", s.URL+"/x", http.Header{"X-Request-Id": {"chosen"}}, nil)
	want := map[string]string{
		"Content-Type": "application/json", "X-Version-Id": "11.10.0", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Vary": "Accept-Encoding", "Cache-Control": "", "Expires": "0",
		"Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}
	for k, v := range want {
		if resp.Header.Get(k) != v {
			t.Errorf("%s: %q, want %q", k, resp.Header.Get(k), v)
		}
	}
	if _, ok := resp.Header["Permissions-Policy"]; !ok {
		t.Error("no Permissions-Policy")
	}
	if id := resp.Header.Get("X-Request-Id"); !jeton.ValidID(id) || id == "chosen" {
		t.Errorf("X-Request-Id %q", id)
	}
	if body != `{"hello":"\u003cworld\u003e"}` {
		t.Errorf("body %s", body)
	}
	for k := range resp.Header {
		if strings.HasPrefix(k, "Access-Control") {
			t.Errorf("CORS header %s", k)
		}
	}
}

// Storable answers have no Cache-Control, unless they reveal a secret.
func TestStorable(t *testing.T) {
	for _, storable := range []bool{false, true} {
		for _, reveals := range []bool{false, true} {
			s, _ := front(t, &web.Funnel{Storable: storable}, web.Open, func(c *web.Call) (any, error) {
				if reveals {
					return c.Reveal(jeton.Secret{}), nil
				}
				return "x", nil
			})
			want, expires := "no-store", ""
			if storable {
				expires = "0"
			}
			if storable && !reveals {
				want = ""
			}
			resp, _ := do(t, "POST", s.URL, nil, nil)
			if got := strings.Join(resp.Header["Cache-Control"], "|"); got != want || resp.Header.Get("Expires") != expires {
				t.Errorf("storable %v, reveals %v: %q", storable, reveals, got)
			}
		}
	}
}

func TestCredentials(t *testing.T) {
	cookie := func(v string) http.Header { return http.Header{"Cookie": {"a=b; MMAUTHTOKEN=" + v}} }
	with := func(h http.Header, k, v string) http.Header { h.Set(k, v); return h }
	bearer := func(v string) http.Header { return http.Header{"Authorization": {v}} }
	csrf := jeton.CSRF(goodSecret)
	tests := []struct {
		name, method, path string
		header             http.Header
		required, optional int // status by access; optional answers 204 to nobody
		clears             bool
	}{
		{"none", "GET", "/", nil, 401, 204, false},
		{"bearer", "GET", "/", bearer("Bearer " + goodSecret), 200, 200, false},
		{"any case", "GET", "/", bearer("bEARER " + goodSecret), 200, 200, false},
		{"token", "GET", "/", bearer("ToKeN " + goodSecret), 200, 200, false},
		{"no separator", "GET", "/", bearer("Bearer" + goodSecret), 401, 204, false},
		{"another separator", "GET", "/", bearer("Bearerx" + goodSecret), 401, 204, false},
		{"basic", "GET", "/", bearer("Basic " + goodSecret), 401, 204, false},
		{"bad bearer", "GET", "/", bearer("Bearer zzz"), 401, 204, false},
		{"bearer beats a bad cookie", "GET", "/", with(cookie("zzz"), "Authorization", "Bearer "+goodSecret), 200, 200, false},
		{"bad bearer beats a good cookie", "GET", "/", with(cookie(goodSecret), "Authorization", "Bearer zzz"), 401, 204, false},
		{"empty cookie is none", "GET", "/", with(cookie(""), "Authorization", "Bearer "+goodSecret), 200, 200, false},
		{"only an empty cookie", "GET", "/", cookie(""), 401, 204, false},
		{"cookie", "GET", "/", cookie(goodSecret), 200, 200, false},
		{"bad cookie is cleared", "GET", "/", cookie("zzz"), 401, 204, true},
		{"post without csrf", "POST", "/", cookie(goodSecret), 401, 401, false},
		{"put without csrf", "PUT", "/", cookie(goodSecret), 401, 401, false},
		{"delete without csrf", "DELETE", "/", cookie(goodSecret), 401, 401, false},
		{"wrong csrf", "POST", "/", with(cookie(goodSecret), "X-CSRF-Token", csrf+"x"), 401, 401, false},
		{"requested-with is no csrf", "POST", "/", with(cookie(goodSecret), "X-Requested-With", "XMLHttpRequest"), 401, 401, false},
		{"right csrf", "POST", "/", with(cookie(goodSecret), "X-CSRF-Token", csrf), 200, 200, false},
		{"head", "HEAD", "/", cookie(goodSecret), 200, 200, false},
		{"bearer needs no csrf", "POST", "/", bearer("Bearer " + goodSecret), 200, 200, false},
		{"in the query", "GET", "/?access_token=" + goodSecret, nil, 401, 204, false},
		{"in the query beside a good one", "GET", "/?access_token=x", bearer("Bearer " + goodSecret), 200, 200, false},
		{"the store is away", "GET", "/", bearer("Bearer unknowable"), 503, 503, false},
	}
	h := func(c *web.Call) (any, error) {
		if c.Actor.ID == "" {
			return web.Reply{Status: 204}, nil
		}
		return c.Actor.ID + " " + c.Actor.Address, nil
	}
	for access, column := range map[web.Access]string{web.Required: "required", web.Optional: "optional"} {
		s, _ := front(t, &web.Funnel{}, access, h)
		for _, tt := range tests {
			t.Run(column+"/"+tt.name, func(t *testing.T) {
				resp, body := do(t, tt.method, s.URL+tt.path, tt.header.Clone(), nil)
				want := tt.required
				if access == web.Optional {
					want = tt.optional
				}
				if resp.StatusCode != want {
					t.Errorf("status %d, want %d: %s", resp.StatusCode, want, body)
				}
				if cleared := resp.Header.Get("Set-Cookie") != ""; cleared != (tt.clears && access == web.Required) {
					t.Errorf("cookie cleared: %v", cleared)
				}
				if resp.StatusCode == 200 && tt.method != "HEAD" && body != `"someone 127.0.0.1"` {
					t.Errorf("actor %s", body)
				}
			})
		}
	}
}

func TestLimits(t *testing.T) {
	s, _ := front(t, &web.Funnel{}, web.Open, func(c *web.Call) (any, error) {
		var v map[string]any
		return v, c.Decode(&v, "x")
	})
	fill := func(n int) string { return `{"a":"` + strings.Repeat("x", n-len(`{"a":""}`)) + `"}` }
	chunked := func(s string) io.Reader { return io.MultiReader(strings.NewReader(s)) } // no length known
	tests := []struct {
		name, path string
		body       io.Reader
		want       int
	}{
		{"longest url", "/" + strings.Repeat("x", web.MaxURL-1), strings.NewReader("{}"), 200},
		{"too long url", "/" + strings.Repeat("x", web.MaxURL), strings.NewReader("{}"), 414},
		{"too long query", "/?" + strings.Repeat("x", web.MaxURL), strings.NewReader("{}"), 414},
		{"longest body", "/", strings.NewReader(fill(web.MaxBody)), 200},
		{"too long body", "/", strings.NewReader(fill(web.MaxBody + 1)), 413},
		{"longest chunked", "/", chunked(fill(web.MaxBody)), 200},
		{"too long chunked", "/", chunked(fill(web.MaxBody + 1)), 413},
		{"no body", "/", nil, 400},
		{"deep", "/", strings.NewReader(strings.Repeat("[", 200_000)), 400},
		{"deep and closed", "/", strings.NewReader(strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000)), 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, body := do(t, "POST", s.URL+tt.path, nil, tt.body)
			if resp.StatusCode != tt.want || resp.Header.Get("Content-Type") != "application/json" {
				t.Errorf("status %d, want %d: %s", resp.StatusCode, tt.want, body)
			}
		})
	}
}

func TestPanic(t *testing.T) {
	s, out := front(t, &web.Funnel{}, web.Required, func(c *web.Call) (any, error) {
		switch c.Query("how") {
		case "runtime":
			var none []int
			return none[len(c.ID)], nil
		case "half":
			_, _ = c.Write([]byte("half"))
			panic("after that")
		}
		panic("holds " + goodSecret)
	})
	h := http.Header{"Authorization": {"Bearer " + goodSecret}}
	for _, how := range []string{"value", "runtime"} {
		resp, body := do(t, "GET", s.URL+"/?how="+how, h, nil)
		if resp.StatusCode != 500 || body != `"internal"` {
			t.Errorf("%s: %d %s", how, resp.StatusCode, body)
		}
	}
	req, _ := http.NewRequest("GET", s.URL+"/?how=half", nil)
	req.Header = h
	if resp, err := http.DefaultClient.Do(req); err == nil {
		if _, err = io.ReadAll(resp.Body); err == nil {
			t.Error("a half-written answer looked whole")
		}
		_ = resp.Body.Close()
	}
	if text := out.String(); strings.Contains(text, goodSecret) || !strings.Contains(text, "index out of range") {
		t.Errorf("log:\n%s", text)
	}
}

func TestETag(t *testing.T) {
	s, _ := front(t, &web.Funnel{}, web.Open, func(c *web.Call) (any, error) { return web.Tagged(c.Query("v")), nil })
	first, body := do(t, "GET", s.URL+"/?v=1", http.Header{"If-None-Match": {""}}, nil)
	tag := first.Header.Get("ETag")
	if first.StatusCode != 200 || body != `"1"` || tag == "" {
		t.Fatalf("%d %s %q", first.StatusCode, body, tag)
	}
	tests := []struct {
		v, given string
		want     int
	}{
		{"1", tag, 304},
		{"1", "*", 304},
		{"1", `"x", ` + tag, 304},
		{"1", strings.TrimPrefix(tag, "W/"), 304},
		{"2", tag, 200},
		{"1", `"x"`, 200},
		{"1", "", 200},
	}
	for _, tt := range tests {
		resp, body := do(t, "GET", s.URL+"/?v="+tt.v, http.Header{"If-None-Match": {tt.given}}, nil)
		if resp.StatusCode != tt.want || (body == "") != (tt.want == 304) {
			t.Errorf("%s %s: %d %q", tt.v, tt.given, resp.StatusCode, body)
		}
	}
	resp, body := do(t, "HEAD", s.URL+"/?v=1", nil, nil)
	if resp.StatusCode != 200 || body != "" || resp.ContentLength != 3 || resp.Header.Get("ETag") != tag {
		t.Errorf("HEAD: %d %q %d", resp.StatusCode, body, resp.ContentLength)
	}
}

func TestAccessLog(t *testing.T) {
	s, out := front(t, &web.Funnel{}, web.Required, hello)
	raw := s.URL + "/some/raw/path?query=mark"
	do(t, "GET", raw, http.Header{"Authorization": {"Bearer " + goodSecret}, "User-Agent": {"agent-mark"}}, nil)
	do(t, "GET", raw, http.Header{"Authorization": {"Bearer unknowable"}}, nil)
	do(t, "SECRETMETHOD", raw, nil, nil)
	s.Close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines:\n%s", len(lines), out)
	}
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{
		"method": "GET", "route": "/pattern/{id}", "status": 200.0, "client": "127.0.0.1",
		"user": "someone", "via": "session:session1",
	} {
		if first[k] != want {
			t.Errorf("%s: %v, want %v", k, first[k], want)
		}
	}
	if !strings.Contains(lines[1], `"cause":"store is away"`) || !strings.Contains(lines[1], `"level":"ERROR"`) {
		t.Errorf("a failure: %s", lines[1])
	}
	for _, bad := range []string{goodSecret, "raw/path", "query=mark", "agent-mark", "unknowable", "SECRETMETHOD"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the log holds %s", bad)
		}
	}
}

// A flood of requests without a valid credential writes a bounded number of lines, and
// the next line has the number of those that were left out. Other requests have a line
// each.
func TestAccessLogIsBounded(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	s, out := front(t, &web.Funnel{Options: web.Options{Clock: func() time.Time { return now }}}, web.Required, hello)
	for range 100 {
		do(t, "GET", s.URL+"/", http.Header{"Authorization": {"Bearer made-up"}}, nil)
	}
	for range 3 {
		do(t, "GET", s.URL+"/", http.Header{"Authorization": {"Bearer " + goodSecret}}, nil)
	}
	s.Close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 63 || strings.Count(out.String(), "unlogged") != 1 || !strings.Contains(lines[60], `"unlogged":40`) {
		t.Errorf("%d lines, the 61st: %s", len(lines), lines[min(60, len(lines)-1)])
	}
}

// Unknown secrets are limited by network; a good one that is cached is not, and one that
// is not cached is, when look-ups are spent too.
func TestUnknownSecretsAreLimited(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	f := &web.Funnel{Options: web.Options{
		Clock: func() time.Time { return now }, Guesses: limit.NewGuesses(limit.Rate{Count: 5, Per: time.Minute}),
	}}
	s, _ := front(t, f, web.Required, hello)
	ask := func(secret string) *http.Response {
		resp, _ := do(t, "GET", s.URL+"/", http.Header{"Authorization": {"Bearer " + secret}}, nil)
		return resp
	}
	for i := range 5 {
		if resp := ask("made-up"); resp.StatusCode != 401 {
			t.Errorf("guess %d: %d", i, resp.StatusCode)
		}
	}
	if resp := ask("unknowable"); resp.StatusCode != 503 {
		t.Errorf("a secret that has to be looked up: %d", resp.StatusCode)
	}
	for range limit.LookupsOfNetwork.Count + 1 { // the first one raises the alarm
		resp := ask("made-up")
		if resp.StatusCode != 429 || resp.Header.Get("RateLimit-Policy") != `"unknown";q=5;w=60` || resp.Header.Get("RateLimit") == "" {
			t.Fatalf("one guess too many: %d %v", resp.StatusCode, resp.Header)
		}
	}
	if resp := ask("unknowable"); resp.StatusCode != 429 {
		t.Errorf("a secret that has to be looked up, after too many look-ups: %d", resp.StatusCode)
	}
	if resp := ask(goodSecret); resp.StatusCode != 200 {
		t.Errorf("a good secret: %d", resp.StatusCode)
	}
	now = now.Add(time.Minute)
	if resp := ask("made-up"); resp.StatusCode != 401 {
		t.Errorf("later: %d", resp.StatusCode)
	}
}
