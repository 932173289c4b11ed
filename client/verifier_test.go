package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/client"
)

// gate is the connection between a client and the server. It can delay answers, and cut the
// connection.
type gate struct {
	cut    atomic.Bool
	holds  atomic.Pointer[string] // the path whose answers are delayed
	held   chan struct{}          // receives one value for each delayed answer
	resume chan struct{}
	asked  atomic.Int64 // the number of introspections
}

func newGate() *gate { return &gate{held: make(chan struct{}, 8), resume: make(chan struct{})} }

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.cut.Load() {
		return nil, errors.New("the line is cut")
	}
	if r.URL.Path == "/oauth2/introspect" {
		g.asked.Add(1)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if path := g.holds.Load(); path != nil && *path == r.URL.Path {
		g.held <- struct{}{}
		<-g.resume
	}
	return resp, err
}

// shifted is the real time plus an offset.
type shifted struct{ by atomic.Int64 }

func (s *shifted) now() time.Time { return time.Now().Add(time.Duration(s.by.Load())) }

// line is a server, a verifier that uses it, and the connection between them.
type line struct {
	*apitest.Server
	gate     *gate
	clock    *shifted
	verifier *client.Verifier
	stop     context.CancelFunc // stops Run
}

func newLine(t *testing.T, o client.VerifierOptions) *line {
	t.Helper()
	w := &line{Server: apitest.Start(t, apitest.Options{}), gate: newGate(), clock: &shifted{}}
	service := w.MakeUser("service", "system_user", "system_token_verifier")
	c, err := client.New(w.URL, client.WithToken(w.MakeToken(service.ID, "verify").Secret), client.WithHTTPClient(&http.Client{Transport: w.gate}))
	if err != nil {
		t.Fatal(err)
	}
	o.Clock = w.clock.now
	w.verifier = client.NewVerifier(c, o)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); w.verifier.Run(ctx) }()
	w.stop = func() { stop(); <-ended }
	t.Cleanup(w.stop)
	eventually(t, "the feed is followed", func() bool { return w.verifier.Following() })
	return w
}

// eventually waits until is returns true. It returns the time from its call until the last
// attempt that failed.
func eventually(t *testing.T, what string, is func() bool) (last time.Duration) {
	t.Helper()
	began := time.Now()
	for tried := time.Duration(0); !is(); tried = time.Since(began) {
		last = tried
		if last > 10*time.Second {
			t.Fatalf("after %s still not: %s", last, what)
		}
		time.Sleep(time.Millisecond)
	}
	return last
}

const (
	following = 250 * time.Millisecond // the bound while the feed is read
	lease     = time.Second            // the bound in all cases
)

func (w *line) verify(t *testing.T, secret string) error {
	t.Helper()
	_, err := w.verifier.Verify(t.Context(), secret)
	return err
}

// catchUp waits until the verifier has applied the whole journal.
func (w *line) catchUp(t *testing.T) {
	t.Helper()
	now, err := w.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the journal is applied", func() bool { return w.verifier.Position() == fmt.Sprintf("%s.%d", now.Epoch, now.Position) })
}

func (w *line) revoke(t *testing.T, id string) {
	t.Helper()
	if _, err := w.Client.RevokeToken(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

func TestMiddleware(t *testing.T) {
	w := newLine(t, client.VerifierOptions{})
	if _, err := w.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}}); err != nil {
		t.Fatal(err)
	}
	alice := w.MakeUser("alice", "system_user", "deployer")
	good, narrow, gone := w.MakeToken(alice.ID, "all"), w.MakeToken(alice.ID, "read", "deploy:read"), w.MakeToken(alice.ID, "gone")
	w.revoke(t, gone.ID)
	h := client.Middleware(w.verifier)(client.Require("deploy:write")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := client.IdentityOf(r.Context())
		w.Write([]byte(i.Username + " " + i.UserID + " " + i.TokenID + " " + strings.Join(i.Roles, ",")))
	})))
	tests := []struct {
		name      string
		lines     []string
		status    int
		challenge string
		body      string
	}{
		{"good", []string{"Bearer " + good.Secret}, 200, "", "alice " + alice.ID + " " + good.ID + " system_user,deployer"},
		{"scheme in capitals", []string{"BEARER " + good.Secret}, 200, "", ""},
		{"again, from memory", []string{"Bearer " + good.Secret}, 200, "", ""},
		{"narrowed", []string{"Bearer " + narrow.Secret}, 403, `Bearer realm="jeton", error="insufficient_scope", scope="deploy:write"`, ""},
		{"revoked", []string{"Bearer " + gone.Secret}, 401, `Bearer realm="jeton", error="invalid_token"`, ""},
		{"unknown", []string{"Bearer nonsense"}, 401, `Bearer realm="jeton", error="invalid_token"`, ""},
		{"none", nil, 401, `Bearer realm="jeton"`, ""},
		{"another scheme", []string{"Basic YTpi"}, 401, `Bearer realm="jeton"`, ""},
		{"empty", []string{"Bearer "}, 400, `Bearer realm="jeton", error="invalid_request"`, ""},
		{"two", []string{"Bearer " + good.Secret, "Bearer " + good.Secret}, 400, `Bearer realm="jeton", error="invalid_request"`, ""},
		{"two in one", []string{"Bearer " + good.Secret + " " + good.Secret}, 400, `Bearer realm="jeton", error="invalid_request"`, ""},
		{"long", []string{"Bearer " + strings.Repeat("x", 5000)}, 400, `Bearer realm="jeton", error="invalid_request"`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.Header["Authorization"] = tt.lines
			out := httptest.NewRecorder()
			h.ServeHTTP(out, r)
			if out.Code != tt.status || out.Header().Get("WWW-Authenticate") != tt.challenge || tt.body != "" && out.Body.String() != tt.body {
				t.Errorf("%d %q %q", out.Code, out.Header().Get("WWW-Authenticate"), out.Body)
			}
		})
	}
	alone := httptest.NewRecorder()
	client.Require("deploy:write")(h).ServeHTTP(alone, httptest.NewRequest("GET", "/", nil))
	if alone.Code != 401 {
		t.Errorf("Require without Middleware: %d", alone.Code)
	}
}

func TestVerifierRemembersAndForgets(t *testing.T) {
	w := newLine(t, client.VerifierOptions{})
	alice := w.MakeUser("alice")
	token := w.MakeToken(alice.ID, "x")
	w.catchUp(t) // the event of the token's creation invalidates its owner's entries
	if err := w.verify(t, token.Secret); err != nil {
		t.Fatal(err)
	}
	before := w.gate.asked.Load()
	for range 100 {
		if err := w.verify(t, token.Secret); err != nil {
			t.Fatal(err)
		}
	}
	// On a busy machine the lease may end for a moment.
	if n := w.gate.asked.Load() - before; n > 10 {
		t.Errorf("%d questions for a token that is known", n)
	}
	quickest := time.Hour
	changes := map[string]func() error{
		"disabled":    func() error { _, err := w.Client.DisableToken(t.Context(), token.ID); return err },
		"deactivated": func() error { return w.Client.SetActive(t.Context(), alice.ID, false) },
		"revoked":     func() error { _, err := w.Client.RevokeToken(t.Context(), token.ID); return err },
	}
	for _, how := range []string{"disabled", "deactivated", "revoked"} {
		if err := changes[how](); err != nil {
			t.Fatal(err)
		}
		last := eventually(t, how+" is refused", func() bool { return errors.Is(w.verify(t, token.Secret), client.ErrInvalidToken) })
		if last > lease {
			t.Errorf("%s: accepted %s later", how, last)
		}
		quickest = min(quickest, last)
		switch how {
		case "disabled":
			if err := w.Client.EnableToken(t.Context(), token.ID); err != nil {
				t.Fatal(err)
			}
		case "deactivated":
			if err := w.Client.SetActive(t.Context(), alice.ID, true); err != nil {
				t.Fatal(err)
			}
		}
		if how != "revoked" {
			eventually(t, "good again", func() bool { return w.verify(t, token.Secret) == nil })
		}
	}
	if quickest > apitest.Within(following) { // the quickest, because the machine may be busy
		t.Errorf("each was accepted for longer than %s", quickest)
	}
}

// A change of a role invalidates the cached answers of all its users.
func TestVerifierRoles(t *testing.T) {
	w := newLine(t, client.VerifierOptions{})
	role, err := w.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:write"}})
	if err != nil {
		t.Fatal(err)
	}
	token := w.MakeToken(w.MakeUser("alice", "system_user", "deployer").ID, "x")
	holds := func() bool {
		i, err := w.verifier.Verify(t.Context(), token.Secret)
		return err == nil && i.Holds("deploy:write")
	}
	if !holds() {
		t.Fatal("not held")
	}
	if _, err := w.Client.SetPermissions(t.Context(), role.ID, []string{"deploy:read"}); err != nil {
		t.Fatal(err)
	}
	if last := eventually(t, "no longer held", func() bool { return !holds() }); last > lease {
		t.Errorf("held %s later", last)
	}
}

// An answer that was in transit while its token was revoked must not stay in the cache.
func TestVerifierRace(t *testing.T) {
	w := newLine(t, client.VerifierOptions{Timeout: 10 * time.Second})
	token := w.MakeToken(w.MakeUser("alice").ID, "x")
	other := w.MakeToken(w.MakeUser("bob").ID, "x")
	path := "/oauth2/introspect"
	w.gate.holds.Store(&path)
	first := make(chan error, 1)
	go func() { first <- w.verify(t, token.Secret) }()
	<-w.gate.held // the server has answered that the token is good
	w.gate.holds.Store(nil)
	if err := w.verify(t, other.Secret); err != nil {
		t.Fatal(err)
	}
	w.revoke(t, token.ID)
	w.catchUp(t)
	close(w.gate.resume)
	if err := <-first; err != nil {
		t.Fatalf("it was good when it was asked for: %v", err)
	}
	if err := w.verify(t, token.Secret); !errors.Is(err, client.ErrInvalidToken) {
		t.Errorf("a stale answer stayed: %v", err)
	}
}

// After the lease no cached answer is used, and an unreachable server is no refusal.
func TestVerifierLease(t *testing.T) {
	for _, stale := range []time.Duration{0, time.Minute} {
		w := newLine(t, client.VerifierOptions{AcceptStale: stale})
		token := w.MakeToken(w.MakeUser("alice").ID, "x")
		fresh := w.MakeToken(w.MakeUser("bob").ID, "x")
		if err := w.verify(t, token.Secret); err != nil {
			t.Fatal(err)
		}
		w.stop()
		before := w.gate.asked.Load()
		w.clock.by.Store(int64(1100 * time.Millisecond))
		if err := w.verify(t, token.Secret); err != nil || w.gate.asked.Load() != before+1 {
			t.Errorf("past the lease the server is asked: %v, %d questions", err, w.gate.asked.Load()-before)
		}
		w.gate.cut.Store(true)
		err := w.verify(t, token.Secret)
		if stale == 0 && !errors.Is(err, client.ErrUnavailable) || stale > 0 && err != nil {
			t.Errorf("cut off, accepting stale for %s: %v", stale, err)
		}
		if err := w.verify(t, fresh.Secret); !errors.Is(err, client.ErrUnavailable) {
			t.Errorf("a token that was never seen: %v", err)
		}
		w.clock.by.Store(int64(2 * time.Minute))
		if err := w.verify(t, token.Secret); !errors.Is(err, client.ErrUnavailable) {
			t.Errorf("cut off for long: %v", err)
		}
	}
}

// Only a feed answer with all events renews the lease.
func TestVerifierHearsHalf(t *testing.T) {
	var clock shifted
	answers, asked := make(chan string), make(chan struct{}, 8)
	c := open(t, "http://127.0.0.1", client.WithToken(secret), client.Through(trip(func(r *http.Request) (*http.Response, error) {
		asked <- struct{}{}
		select {
		case text := <-answers:
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	})))
	v := client.NewVerifier(c, client.VerifierOptions{Clock: clock.now})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); v.Run(ctx) }()
	defer func() { stop(); <-ended }()

	<-asked
	answers <- `{"position":"e.1","age_ms":0,"lease_ms":60000,"reset":true,"events":[]}`
	<-asked
	clock.by.Store(int64(50 * time.Second))
	answers <- `{"position":"e.2","age_ms":0,"lease_ms":60000,"events":[]}`
	<-asked // sent 50 s later
	answers <- `{"position":"e.3","age_ms":0,"lease_ms":0,"events":[{"position":"e.3","owner":"x"}]}`
	<-asked
	if !v.Following() {
		t.Error("the lease of the earlier answer is over")
	}
	clock.by.Store(int64(61 * time.Second))
	if v.Following() {
		t.Error("an answer with a part of the events renewed the lease")
	}
}

// A service whose own token is invalid must not call its clients' tokens invalid.
func TestVerifierWithoutRight(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	token := s.MakeToken(s.MakeUser("alice").ID, "x")
	for _, own := range []string{"", "nonsense", token.Secret} {
		c, err := client.New(s.URL, client.WithToken(own))
		if err != nil {
			t.Fatal(err)
		}
		v := client.NewVerifier(c, client.VerifierOptions{})
		if _, err := v.Verify(t.Context(), token.Secret); !errors.Is(err, client.ErrUnavailable) {
			t.Errorf("%v", err)
		}
		h := client.Middleware(v)(http.NotFoundHandler())
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+token.Secret)
		out := httptest.NewRecorder()
		h.ServeHTTP(out, r)
		if out.Code != 503 || out.Header().Get("Retry-After") == "" {
			t.Errorf("%d %v", out.Code, out.Header())
		}
	}
}

func TestVerifierExpiry(t *testing.T) {
	w := newLine(t, client.VerifierOptions{})
	at := time.Now().Add(time.Hour).UnixMilli()
	token, err := w.Client.CreateToken(t.Context(), client.Me, client.NewToken{Description: "x", ExpiresAt: at})
	if err != nil {
		t.Fatal(err)
	}
	secret := token.Secret.Reveal()
	if err := w.verify(t, secret); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at  time.Time
		bad bool
	}{{time.UnixMilli(at - 1), false}, {time.UnixMilli(at), true}} {
		i, err := client.At(w.verifier, secret, tt.at)
		if (err != nil) != tt.bad {
			t.Errorf("at %s: %v %v", tt.at, i, err)
		}
	}
}

func TestVerifierIsBounded(t *testing.T) {
	w := newLine(t, client.VerifierOptions{Size: 200})
	for range 30 {
		if err := w.verify(t, "guess"); !errors.Is(err, client.ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	if n := w.verifier.Cached(); n != 0 {
		t.Errorf("%d guesses are cached", n)
	}
	for i := range 1000 {
		client.FillCache(w.verifier, i)
	}
	if n := w.verifier.Cached(); n > 200 {
		t.Errorf("%d answers are cached", n)
	}
}

func BenchmarkVerifier(b *testing.B) {
	s := apitest.Start(b, apitest.Options{})
	c, err := client.New(s.URL, client.WithToken(s.Admin))
	if err != nil {
		b.Fatal(err)
	}
	v := client.NewVerifier(c, client.VerifierOptions{})
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); v.Run(ctx) }()
	defer func() { stop(); <-ended }()
	for !v.Following() {
		time.Sleep(time.Millisecond)
	}
	secret := s.MakeToken(s.AdminID, "x").Secret
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(ctx, secret); err != nil {
			b.Fatal(err)
		}
	}
}
