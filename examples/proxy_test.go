package examples_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"jeton/apitest"
	"jeton/limit"
	"jeton/verify"
)

// TestProxies runs each proxy's example for real.
func TestProxies(t *testing.T) {
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, p)
			// Not parallel: they read the requests that Jeton and the service recorded.
			t.Run("answers", w.testAnswers)
			t.Run("headers", w.testHeaders)
			t.Run("forged headers", w.testForgedHeaders)
			t.Run("long scopes", w.testLongScopes)
			t.Run("revoked", w.testRevoked)
			t.Run("bodies", w.testBodies)
			t.Run("the service's own answers", w.testOwnAnswers)
			t.Run("hostile paths", w.testHostilePaths)
			t.Run("connections", w.testConnections)
			t.Run("limited", w.testLimited)
			t.Run("database away", w.testDatabaseAway)
			t.Run("Jeton hangs", w.testHangs)
			t.Run("Jeton stopped", w.testStopped)
		})
	}
}

// Which requests pass, and how the others are answered.
func (w *world) testAnswers(t *testing.T) {
	const bare = `Bearer realm="jeton"`
	tests := []struct {
		name, target string
		headers      []string
		status       int
		challenge    string // a part of the header; bare: all of it
	}{
		{"good", "/", []string{bearer(w.reads.Secret)}, 200, ""},
		{"any case", "/x", []string{"authorization: bEARER " + w.reads.Secret}, 200, ""},
		{"may", "/deploys", []string{bearer(w.deploys.Secret)}, 200, ""},
		{"may, below", "/deploys/7?x=1", []string{bearer(w.deploys.Secret)}, 200, ""},
		{"may not", "/deploys", []string{bearer(w.reads.Secret)}, 403, `error="insufficient_scope", scope="deploy:write"`},
		{"may not, below", "/deploys/7", []string{bearer(w.reads.Secret)}, 403, `error="insufficient_scope", scope="deploy:write"`},
		{"nothing", "/", nil, 401, bare},
		{"nothing, where more is needed", "/deploys", nil, 401, bare},
		{"unknown", "/", []string{bearer("jtn_0000000000000000000000000000000000000000")}, 401, `error="invalid_token"`},
		{"another scheme", "/", []string{"Authorization: Basic YTpi"}, 401, bare},
		{"no token", "/", []string{"Authorization: Bearer"}, 401, `error="invalid_request"`},
		{"two words", "/", []string{bearer(w.deploys.Secret + " " + w.deploys.Secret)}, 401, `error="invalid_request"`},
		{"a list", "/", []string{bearer(w.deploys.Secret + ", Bearer " + w.deploys.Secret)}, 401, `error="invalid_request"`},
		{"a session", "/", []string{bearer(w.user.Secret)}, 401, `error="invalid_token"`},
		{"a cookie", "/", []string{"Cookie: MMAUTHTOKEN=" + w.user.Secret + "; access_token=" + w.deploys.Secret}, 401, bare},
		{"in the query", "/?access_token=" + w.deploys.Secret, nil, 401, bare},
		{"an upgrade", "/", []string{"Connection: Upgrade", "Upgrade: websocket"}, 401, bare},
		{"other words for the path", "/deploys", []string{
			bearer(w.reads.Secret), "X-Original-URI: /", "X-Original-URL: /", "X-Rewrite-URL: /", "X-Forwarded-Uri: /", "X-Forwarded-Prefix: /x",
		}, 403, ""},
		{"another method by header", "/deploys", []string{bearer(w.reads.Secret), "X-HTTP-Method-Override: OPTIONS"}, 403, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE"} {
				w.behind.take()
				a := w.send(t, method, tt.target, "", tt.headers...)
				got := strings.Join(a.header.Values("Www-Authenticate"), "|")
				if a.status != tt.status || !strings.Contains(got, tt.challenge) || tt.challenge == bare && got != bare || tt.status == 200 && got != "" {
					t.Errorf("%s: %d %q", method, a.status, got)
				}
				if reached := len(w.behind.take()); (reached == 1) != (tt.status == 200) {
					t.Errorf("%s: status %d, and the service was asked %d times", method, a.status, reached)
				}
			}
		})
	}
	t.Run("two headers", func(t *testing.T) {
		w.behind.take()
		a := w.send(t, "GET", "/", "", bearer(w.deploys.Secret), bearer(w.reads.Secret))
		if a.status != 400 && a.status != 401 || len(w.behind.take()) > 0 {
			t.Errorf("status %d", a.status)
		}
	})
}

// authNames are the headers that Jeton answers with.
var authNames = []string{
	"X-Auth-User-Id", "X-Auth-Username", "X-Auth-Roles", "X-Auth-Token-Id", "X-Auth-Expires-At", "X-Auth-Scopes", "X-Auth-Scopes-Truncated",
}

// auth returns the headers that a service could read as Jeton's, by the names that it
// would read. An empty header counts as none.
func auth(r asked) map[string]string {
	out := map[string]string{}
	for _, h := range []http.Header{r.Header, r.Trailer} {
		for name, values := range h {
			as := http.CanonicalHeaderKey(strings.Map(func(r rune) rune {
				if r == '_' || r == '.' {
					return '-'
				}
				return r
			}, name))
			if strings.HasPrefix(as, "X-Auth") && strings.Join(values, "") != "" {
				out[as] += strings.Join(values, "|")
			}
		}
	}
	return out
}

// passes sends a request that must pass, and returns it as the service got it.
func (w *world) passes(t testing.TB, method, target, body string, headers ...string) asked {
	t.Helper()
	w.behind.take()
	w.asked.take()
	if a := w.send(t, method, target, body, headers...); a.status != 200 || a.body != "reached" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	got := w.behind.take()
	if len(got) != 1 || w.asked.count() != 1 {
		t.Fatalf("the service was asked %d times, Jeton %d times", len(got), w.asked.count())
	}
	return got[0]
}

func same(t testing.TB, got, want map[string]string) {
	t.Helper()
	for _, name := range authNames {
		if got[name] != want[name] {
			t.Errorf("%s: %q, want %q", name, got[name], want[name])
		}
	}
	for name, value := range got {
		if !slices.Contains(authNames, name) {
			t.Errorf("%s: %q", name, value)
		}
	}
}

func (w *world) whose(tok apitest.Token, scopes string) map[string]string {
	return map[string]string{
		"X-Auth-User-Id": w.user.ID, "X-Auth-Username": "ann", "X-Auth-Roles": "system_user deployer",
		"X-Auth-Token-Id": tok.ID, "X-Auth-Scopes": scopes,
	}
}

// The headers that the service gets, and those that Jeton gets.
func (w *world) testHeaders(t *testing.T) {
	got := w.passes(t, "GET", "/a?b=c", "", bearer(w.deploys.Secret), "Cookie: theme=dark", "X-Forwarded-For: 192.0.2.7", "Accept: text/x")
	same(t, auth(got), w.whose(w.deploys, "deploy:read deploy:write"))
	if got.RequestURI != "/a?b=c" || got.Header.Get("Cookie") != "theme=dark" || got.Header.Get("Accept") != "text/x" {
		t.Errorf("%s %v", got.RequestURI, got.Header)
	}
	if v := got.Header.Values("Authorization"); len(v) > 0 {
		t.Errorf("the service was told the secret")
	}
	jeton := w.asked.take()
	if len(jeton) != 1 {
		t.Fatalf("Jeton was asked %d times", len(jeton))
	}
	h := jeton[0].Header
	if v := h.Values("X-Forwarded-For"); len(v) != 1 || v[0] != "127.0.0.1" {
		t.Errorf("the client's address is said to be %q", v)
	}
	if jeton[0].RequestURI != "/verify/-/" && jeton[0].RequestURI != "/verify/-/?" || h.Get("Cookie") != "" || h.Get("X-Forwarded-Uri") != "" {
		t.Errorf("Jeton was asked for %s, with %v", jeton[0].RequestURI, h)
	}
	for _, r := range []apitest.Token{w.reads, w.deploys} { // no header of one client is used for the next
		scopes := map[apitest.Token]string{w.reads: "deploy:read", w.deploys: "deploy:read deploy:write"}[r]
		same(t, auth(w.passes(t, "GET", "/", "", bearer(r.Secret))), w.whose(r, scopes))
	}
}

// A client's own X-Auth-* never reach the service, in no spelling.
func (w *world) testForgedHeaders(t *testing.T) {
	good := bearer(w.reads.Secret)
	want := w.whose(w.reads, "deploy:read")
	spell := map[string]func(string) string{
		"plain":            func(s string) string { return s },
		"lower":            strings.ToLower,
		"upper":            strings.ToUpper,
		"underscores":      func(s string) string { return strings.ReplaceAll(s, "-", "_") },
		"first underscore": func(s string) string { return strings.Replace(s, "-", "_", 1) },
		"later underscore": func(s string) string { return "X-Auth" + strings.ReplaceAll(s[6:], "-", "_") },
		"upper underscore": func(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "_")) },
	}
	for name, as := range spell {
		t.Run(name, func(t *testing.T) {
			headers := []string{good}
			for _, n := range authNames { // twice, and empty
				headers = append(headers, as(n)+": forged", as(n)+":forged", as(n)+":")
			}
			same(t, auth(w.passes(t, "GET", "/", "", headers...)), want)
			slices.Reverse(headers)
			same(t, auth(w.passes(t, "GET", "/", "", headers...)), want)
		})
	}
	t.Run("by trailer", func(t *testing.T) {
		body := "1\r\nx\r\n0\r\nX-Auth-User-Id: forged\r\nX-Auth-Scopes-Truncated: forged\r\n\r\n"
		got := w.passes(t, "POST", "/", body, good, "Transfer-Encoding: chunked", "Trailer: X-Auth-User-Id, X-Auth-Scopes-Truncated")
		same(t, auth(got), want)
	})
	// A header that Connection names is for the next hop only: a proxy that obeys a
	// client's Connection drops Jeton's header.
	for _, drops := range []string{"X-Auth-Scopes", "close, x-auth-user-id", "X-Auth-Roles,X-Auth-Username"} {
		t.Run("Connection: "+drops, func(t *testing.T) {
			w.behind.take()
			a := w.send(t, "GET", "/", "", good, "Connection: "+drops)
			got := w.behind.take()
			if len(got) == 1 && a.status == 200 {
				same(t, auth(got[0]), want)
			} else if len(got) > 0 || a.status != 400 {
				t.Errorf("status %d, and the service was asked %d times", a.status, len(got))
			}
		})
	}
}

// The longest list of scopes fits in every buffer; a longer one is marked as truncated.
func (w *world) testLongScopes(t *testing.T) {
	var names []string
	for i := range 56 {
		names = append(names, fmt.Sprintf("service%s:do%02d", strings.Repeat("x", 24), i))
	}
	want := map[string]string{"X-Auth-Username": "max", "X-Auth-Roles": "system_user many"}
	w.role(t, "many", names...)
	user := w.MakeUser("max", "system_user", "many")
	all, some := w.MakeToken(user.ID, "all"), w.MakeToken(user.ID, "some", names[:55]...)
	want["X-Auth-User-Id"], want["X-Auth-Token-Id"], want["X-Auth-Scopes"] = user.ID, some.ID, strings.Join(names[:55], " ")
	same(t, auth(w.passes(t, "GET", "/", "", bearer(some.Secret), "X-Auth-Scopes-Truncated: forged")), want)
	want["X-Auth-Token-Id"], want["X-Auth-Scopes"], want["X-Auth-Scopes-Truncated"] = all.ID, "", "true"
	same(t, auth(w.passes(t, "GET", "/", "", bearer(all.Secret), "X-Auth-Scopes: forged")), want)
}

// After the answer to its revocation, a token is refused.
func (w *world) testRevoked(t *testing.T) {
	tok := w.MakeToken(w.user.ID, "short")
	w.passes(t, "GET", "/", "", bearer(tok.Secret))
	_, err := w.Client.RevokeToken(t.Context(), tok.ID)
	must(t, err)
	a := w.send(t, "GET", "/", "", bearer(tok.Secret))
	if a.status != 401 || !strings.Contains(a.header.Get("Www-Authenticate"), "invalid_token") {
		t.Errorf("%d %v", a.status, a.header)
	}
}

// A request's body reaches the service once, and does not reach Jeton.
func (w *world) testBodies(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 8<<10) // more than a proxy buffers in memory
	bodyOf := func(t *testing.T, got asked, want string) {
		t.Helper()
		if got.body != want {
			t.Errorf("%d bytes arrived, %d were sent", len(got.body), len(want))
		}
		for _, j := range w.asked.take() {
			if j.body != "" || j.ContentLength > 0 || len(j.TransferEncoding) > 0 || j.Header.Get("Expect") != "" {
				t.Errorf("Jeton got %d bytes: %v", len(j.body), j.Header)
			}
		}
	}
	good := bearer(w.deploys.Secret)
	t.Run("plain", func(t *testing.T) {
		bodyOf(t, w.passes(t, "POST", "/deploys", big, good, "Content-Length: 131072"), big)
		bodyOf(t, w.passes(t, "PUT", "/", "x", good, "Content-Length: 1"), "x")
	})
	t.Run("chunked", func(t *testing.T) {
		bodyOf(t, w.passes(t, "POST", "/deploys", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", good, "Transfer-Encoding: chunked"), "abcde")
	})
	t.Run("a form that looks like Jeton's", func(t *testing.T) {
		form := "require=no:such&token=x"
		bodyOf(t, w.passes(t, "POST", "/", form, good, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 23"), form)
	})
	t.Run("when asked for", func(t *testing.T) {
		w.behind.take()
		conn := w.dial(t)
		defer conn.Close() //nolint:errcheck // it was read
		in := bufio.NewReader(conn)
		_, err := io.WriteString(conn, head(w.address, "POST", "/deploys", good, "Expect: 100-continue", "Content-Length: 5"))
		must(t, err)
		if a := read(t, in, "POST"); a.status != 100 {
			t.Fatalf("status %d", a.status)
		}
		_, err = io.WriteString(conn, "abcde")
		must(t, err)
		a := read(t, in, "POST")
		for a.status == 100 { // Caddy passes on the service's own
			a = read(t, in, "POST")
		}
		if a.status != 200 {
			t.Errorf("status %d", a.status)
		}
		if got := w.behind.take(); len(got) != 1 || got[0].body != "abcde" {
			t.Errorf("the service was asked %d times", len(got))
		}
	})
	t.Run("not asked for of who is refused", func(t *testing.T) {
		w.behind.take()
		a := w.send(t, "POST", "/deploys", "", bearer(w.reads.Secret), "Expect: 100-continue", "Content-Length: 5")
		if a.status != 403 || len(w.behind.take()) > 0 {
			t.Errorf("status %d", a.status)
		}
	})
}

// The client gets the service's answer, also a status that Jeton uses.
func (w *world) testOwnAnswers(t *testing.T) {
	for say, body := range map[string]string{"500": "trouble", "403": "refusal"} {
		a := w.send(t, "GET", "/", "", bearer(w.reads.Secret), "Say: "+say)
		if http.StatusText(a.status) == "" || !strings.Contains(a.body, body) || a.header.Get("Www-Authenticate") != "" {
			t.Errorf("%d %q %v", a.status, a.body, a.header)
		}
	}
}

// Connections to Jeton are reused, and a connection that Jeton closed is no refusal.
func (w *world) testConnections(t *testing.T) {
	w.asked.connections.Store(0)
	for range 50 {
		w.passes(t, "GET", "/", "", bearer(w.reads.Secret))
	}
	if n := w.asked.connections.Load(); n > 2 {
		t.Errorf("50 requests took %d new connections to Jeton", n)
	}
	w.asked.CloseClientConnections()
	w.passes(t, "GET", "/", "", bearer(w.reads.Secret))
}

// refused fails the test if the request passes or has another status.
func (w *world) refused(t *testing.T, status int, headers ...string) answer {
	t.Helper()
	w.behind.take()
	a := w.send(t, "GET", "/", "", headers...)
	if reached := len(w.behind.take()); a.status != status || reached > 0 {
		t.Errorf("status %d, want %d; the service was asked %d times", a.status, status, reached)
	}
	return a
}

func (w *world) testLimited(t *testing.T) {
	few, err := limit.ParseRate("1/h")
	must(t, err)
	other := apitest.Start(t, apitest.Options{Verify: verify.Settings{PerToken: few}})
	secret := bearer(other.MakeToken(other.AdminID, "x").Secret)
	w.asked.instead(t, other.Handler)
	w.passes(t, "GET", "/", "", secret)
	if a := w.refused(t, 429, secret); a.header.Get("Retry-After") == "" {
		t.Errorf("%v", a.header)
	}
}

func (w *world) testDatabaseAway(t *testing.T) {
	fresh := w.MakeToken(w.user.ID, "not remembered yet")
	w.away.Store(true)
	a := w.refused(t, 503, bearer(fresh.Secret))
	if a.header.Get("Retry-After") == "" || a.header.Get("Www-Authenticate") != "" {
		t.Errorf("%v", a.header)
	}
	w.away.Store(false)
	w.passes(t, "GET", "/", "", bearer(fresh.Secret))
}

func (w *world) testHangs(t *testing.T) {
	ended := make(chan struct{})
	defer close(ended)
	w.asked.instead(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-ended }))
	w.refused(t, w.hung, bearer(w.deploys.Secret))
}

// This is the last test: it does not start Jeton again.
func (w *world) testStopped(t *testing.T) {
	w.asked.Close()
	w.refused(t, w.unreachable, bearer(w.deploys.Secret))
	w.refused(t, w.unreachable)
}
