package verify_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/client"
	"jeton/verify"
)

type answerOfIntrospect struct {
	Active      bool     `json:"active"`
	Scope       string   `json:"scope"`
	Username    string   `json:"username"`
	TokenType   string   `json:"token_type"`
	Exp         *int64   `json:"exp"`
	Iat         int64    `json:"iat"`
	Sub         string   `json:"sub"`
	Iss         string   `json:"iss"`
	Jti         string   `json:"jti"`
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`
	ExpiresAtMS *int64   `json:"expires_at_ms"`
	Position    string   `json:"position"`
}

// verifier returns the secret of a bot whose only permission is to introspect.
func verifier(t testing.TB, s *apitest.Server) string {
	t.Helper()
	bot := s.MakeBot("verifier")
	setRoles(t, s, bot, "system_token_verifier")
	return s.MakeToken(bot, "x").Secret
}

func TestIntrospection(t *testing.T) {
	public, _ := url.Parse("https://tokens.example.org")
	s, u, tok := deployer(t, apitest.Options{Public: public})
	by := verifier(t, s)
	a := form(t, s, "/oauth2/introspect", by, "token="+tok.Secret+"&token_type_hint=access_token")
	var got answerOfIntrospect
	decode(t, a, &got)
	if a.Status != 200 || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("X-Request-Id") == "" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	if !got.Active || got.Scope != "deploy:read deploy:write" || got.Username != "ann" || got.TokenType != "Bearer" || got.Exp != nil ||
		got.Sub != u.ID || got.Iss != "https://tokens.example.org" || got.Jti != tok.ID || strings.Join(got.Roles, " ") != "system_user deployer" ||
		strings.Join(got.Permissions, " ") != "deploy:read deploy:write view_members" || got.ExpiresAtMS == nil || *got.ExpiresAtMS != 0 ||
		time.Since(time.Unix(got.Iat, 0)).Abs() > time.Minute {
		t.Errorf("%s", a.Body)
	}
	head, err := s.Store.Head(t.Context())
	if err != nil || !strings.HasPrefix(got.Position, head.Epoch+".") {
		t.Errorf("position %q, head %v, %v", got.Position, head, err)
	}

	// Introspection counts a use without an address: only the caller knows the client's.
	if err := s.Uses.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	uses, err := s.Client.TokenUses(t.Context(), tok.ID)
	if err != nil || uses.LastUsedAt == 0 || uses.Address != "" || len(uses.Days) != 1 || uses.Days[0].Uses != 1 {
		t.Errorf("%+v, %v", uses, err)
	}

	end := s.Clock.Now().Add(time.Hour).UnixMilli()
	timed := makeToken(t, s, s.Admin, u.ID, client.NewToken{Description: "x", ExpiresAt: end, Scopes: []string{"deploy:read"}})
	decode(t, form(t, s, "/oauth2/introspect", by, "token="+timed.Secret), &got)
	if got.Exp == nil || *got.Exp != end/1000 || *got.ExpiresAtMS != end || got.Scope != "deploy:read" || len(got.Permissions) != 1 {
		t.Errorf("%+v", got)
	}
	tokenCall(t, s, "disable", tok.ID)
	for name, secret := range map[string]string{
		"disabled": tok.Secret, "never was": "jtn_x", "a session": s.Admin, "words": "a+b%00%ff",
	} {
		if a := form(t, s, "/oauth2/introspect", by, "token="+secret); a.Status != 200 || string(a.Body) != `{"active":false}` {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

// Refusals have the challenges of RFC 6750 and the error codes of RFC 6749.
func TestIntrospectionRefuses(t *testing.T) {
	s, u, tok := deployer(t, apitest.Options{})
	by := verifier(t, s)
	plain := s.MakeToken(u.ID, "plain").Secret
	narrow := s.MakeToken(s.AdminID, "narrow", "view_members").Secret
	const kind = "Content-Type: application/x-www-form-urlencoded"
	as := func(secret string) string { return "Authorization: Bearer " + secret }
	body := "token=" + tok.Secret
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		says, challenge          string
	}{
		{"no credentials", "POST", "/oauth2/introspect", body, []string{kind}, 401, "invalid_request", `Bearer realm="jeton"`},
		{"by a cookie", "POST", "/oauth2/introspect", body, []string{kind, "Cookie: MMAUTHTOKEN=" + s.Admin}, 401, "invalid_request", `Bearer realm="jeton"`},
		{"twice", "POST", "/oauth2/introspect", body, []string{kind, as(by), as(by)}, 401, "invalid_request", "invalid_request"},
		{"a bad token", "POST", "/oauth2/introspect", body, []string{kind, as("jtn_x")}, 401, "invalid_token", "invalid_token"},
		{"without the permission", "POST", "/oauth2/introspect", body, []string{kind, as(plain)}, 403, "insufficient_scope", `scope="introspect_tokens"`},
		{"an administrator's narrowed", "POST", "/oauth2/introspect", body, []string{kind, as(narrow)}, 403, "insufficient_scope", `scope="introspect_tokens"`},
		{"an administrator's session", "POST", "/oauth2/introspect", body, []string{kind, as(s.Admin)}, 200, "", ""},
		{"no form", "POST", "/oauth2/introspect", body, []string{as(by)}, 400, "invalid_request", ""},
		{"JSON", "POST", "/oauth2/introspect", `{"token":"x"}`, []string{"Content-Type: application/json", as(by)}, 400, "invalid_request", ""},
		{"no token", "POST", "/oauth2/introspect", "", []string{kind, as(by)}, 400, "invalid_request", ""},
		{"two tokens", "POST", "/oauth2/introspect", body + "&" + body, []string{kind, as(by)}, 400, "invalid_request", ""},
		{"in the URL", "POST", "/oauth2/introspect?" + body, "", []string{kind, as(by)}, 400, "invalid_request", ""},
		{"too long", "POST", "/oauth2/introspect", body + strings.Repeat("x", 9000), []string{kind, as(by)}, 413, "invalid_request", ""},
		{"GET", "GET", "/oauth2/introspect", "", []string{as(by)}, 405, "invalid_request", ""},
		{"GET revoke", "GET", "/oauth2/revoke", "", nil, 405, "invalid_request", ""},
		{"revoke nothing", "POST", "/oauth2/revoke", "", []string{kind}, 400, "invalid_request", ""},
		{"another path", "POST", "/oauth2/token", "", nil, 404, "invalid_request", ""},
		{"below", "GET", "/feed/x", "", []string{as(by)}, 404, "invalid_request", ""},
		{"feed, no credentials", "GET", "/feed", "", nil, 401, "invalid_request", `Bearer realm="jeton"`},
		{"feed, without the permission", "GET", "/feed", "", []string{as(plain)}, 403, "insufficient_scope", `scope="introspect_tokens"`},
		{"feed, a position that is none", "GET", "/feed?after=x", "", []string{as(by)}, 400, "invalid_request", ""},
		{"feed, an empty position", "GET", "/feed?after=", "", []string{as(by)}, 400, "invalid_request", ""},
		{"feed, a negative wait", "GET", "/feed?wait_ms=-1", "", []string{as(by)}, 400, "invalid_request", ""},
		{"feed, POST", "POST", "/feed", "", []string{as(by)}, 405, "invalid_request", ""},
		{"feed, HEAD", "HEAD", "/feed?wait_ms=10000", "", []string{as(by)}, 200, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := raw(t, s, tt.method, tt.path, tt.body, tt.headers...)
			want(t, "status", a.Status, tt.status)
			var e struct {
				Error string `json:"error"`
			}
			if tt.method != "HEAD" {
				decode(t, a, &e)
			}
			if got := a.Header.Get("Www-Authenticate"); e.Error != tt.says || !strings.Contains(got, tt.challenge) || tt.challenge == "" && got != "" {
				t.Errorf("error %q, challenge %q", e.Error, got)
			}
			if tt.status == 405 && a.Header.Get("Allow") == "" {
				t.Error("no Allow")
			}
		})
	}
}

// Revocation needs only the secret. The answer is the same whether a token had it or not.
func TestRevocation(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s, u, tok := deployer(t, apitest.Options{Database: database, Verify: verify.Settings{Sessions: true}})
		setRoles(t, s, u.ID, "system_user system_user_access_token")
		maker := s.MakeToken(u.ID, "maker")
		made := makeToken(t, s, maker.Secret, client.Me, client.NewToken{Description: "made"})
		sleeping := s.MakeToken(u.ID, "sleeping")
		tokenCall(t, s, "disable", sleeping.ID)
		for _, secret := range []string{maker.Secret, made.Secret, u.Secret} {
			want(t, "before", check(t, s, secret), 200)
		}
		var first string
		for name, secret := range map[string]string{
			"a token": maker.Secret, "again": maker.Secret, "a disabled one": sleeping.Secret,
			"a session": u.Secret, "never was": neverWas(),
		} {
			a := form(t, s, "/oauth2/revoke", "", "token="+secret)
			if first == "" {
				first = string(a.Body)
			}
			if a.Status != 200 || string(a.Body) != first {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		}
		want(t, "the token", check(t, s, maker.Secret), 401)
		want(t, "what it made", check(t, s, made.Secret), 401)
		want(t, "the session", check(t, s, u.Secret), 401)
		want(t, "another", check(t, s, tok.Secret), 200)
		want(t, "the disabled one is gone", s.Do("POST", "/users/tokens/enable", s.Admin, map[string]string{"token_id": sleeping.ID}).Status, 404)

		events, err := s.Store.Events(t.Context(), jeton.EventFilter{Actor: u.ID}, 0, 20)
		if err != nil {
			t.Fatal(err)
		}
		notes := map[string]jeton.Event{}
		for _, e := range events {
			if strings.HasPrefix(e.Detail.Note, "by its own secret") {
				notes[e.Target] = e
			}
		}
		if e := notes[maker.ID]; e.Action != jeton.TokenRevoke || e.Via != "token:"+maker.ID || e.Detail.Note != "by its own secret, with 1 tokens that it made" || len(notes) != 3 {
			t.Errorf("%+v", notes)
		}
	})
}

// neverWas returns a well-formed secret without a token.
func neverWas() string {
	secret, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	return secret.Reveal()
}

// A secret from a file has white space around it, which does not count. What cannot be a
// secret is refused, so that no client takes a living token for revoked.
func TestRevocationOfAFile(t *testing.T) {
	s, u, _ := deployer(t, apitest.Options{})
	by := verifier(t, s)
	for i, around := range []string{"\n", "\r\n", " ", "\t", "\n\n"} {
		tok := s.MakeToken(u.ID, fmt.Sprint("file ", i))
		body := "token=" + url.QueryEscape(around+tok.Secret+around)
		if a := form(t, s, "/oauth2/introspect", by, body); a.Status != 200 || !strings.Contains(string(a.Body), `"active":true`) {
			t.Errorf("%q, introspected: %d %s", around, a.Status, a.Body)
		}
		want(t, "revoked", form(t, s, "/oauth2/revoke", "", body).Status, 200)
		want(t, "the token", check(t, s, tok.Secret), 401)
		s.Clock.Advance(time.Minute) // the limit of revocations
	}
	tok := s.MakeToken(u.ID, "alive")
	last := "0"
	if strings.HasSuffix(tok.Secret, last) {
		last = "1"
	}
	for _, no := range []string{
		`"` + tok.Secret + `"`, "'" + tok.Secret + "'", "Bearer " + tok.Secret, "token=" + tok.Secret, tok.Secret + "x", tok.Secret[1:],
		tok.Secret[:len(tok.Secret)-1] + last, tok.Secret[:10] + "\n" + tok.Secret[10:], strings.ToUpper(tok.Secret), "jtn_x", "x", " ", "\u00a0" + tok.Secret,
		"aaaaaaaaaaaaaaaaaaaaaaaaa-",
	} {
		a := form(t, s, "/oauth2/revoke", "", "token="+url.QueryEscape(no))
		if a.Status != 400 || !strings.Contains(string(a.Body), `"invalid_request"`) || strings.Contains(string(a.Body), tok.Secret) {
			t.Errorf("%q: %d %s", no, a.Status, a.Body)
		}
		if a := form(t, s, "/oauth2/introspect", by, "token="+url.QueryEscape(no)); no != " " && (a.Status != 200 || string(a.Body) != `{"active":false}`) {
			t.Errorf("%q, introspected: %d %s", no, a.Status, a.Body)
		}
		s.Clock.Advance(time.Minute)
	}
	want(t, "the token", check(t, s, tok.Secret), 200)
}

func TestRevocationIsLimited(t *testing.T) {
	s, _, tok := deployer(t, apitest.Options{})
	for range 10 {
		want(t, "status", form(t, s, "/oauth2/revoke", "", "token="+neverWas()).Status, 200)
	}
	a := form(t, s, "/oauth2/revoke", "", "token="+tok.Secret)
	if a.Status != 429 || a.Header.Get("Retry-After") != "6" {
		t.Errorf("%d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	want(t, "the token", check(t, s, tok.Secret), 200)
	s.Clock.Advance(6 * time.Second)
	want(t, "later", form(t, s, "/oauth2/revoke", "", "token="+tok.Secret).Status, 200)
	want(t, "the token", check(t, s, tok.Secret), 401)
}

// No request makes a secret appear in the log.
func TestLogHoldsNoSecret(t *testing.T) {
	var log bytes.Buffer
	s, _, tok := deployer(t, apitest.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	by := verifier(t, s)
	raw(t, s, "GET", "/verify/"+tok.Secret+"?x="+tok.Secret, "", "Authorization: Bearer "+tok.Secret)
	form(t, s, "/oauth2/introspect?x="+tok.Secret, by, "token="+tok.Secret)
	form(t, s, "/oauth2/"+tok.Secret, by, "token="+tok.Secret)
	form(t, s, "/oauth2/revoke", by, "token="+tok.Secret)
	raw(t, s, "GET", "/feed?after="+tok.Secret, "", "Authorization: Bearer "+by)
	text := log.String()
	if !strings.Contains(text, "/oauth2/introspect") || strings.Contains(text, "route=/verify") {
		t.Errorf("the log is not what it should be:\n%s", text)
	}
	for _, secret := range []string{tok.Secret, by} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds a secret:\n%s", text)
		}
	}
}

// A client that caches the answer for a session asks again before the session could have
// ended without use; for a token, and without that limit, the end is the record's.
func TestIntrospectionOfIdleSessions(t *testing.T) {
	settings := jeton.DefaultSettings()
	settings.SessionIdle = 10 * time.Minute
	s := apitest.Start(t, apitest.Options{Settings: &settings, Verify: verify.Settings{Sessions: true}})
	tok := s.MakeToken(s.AdminID, "t")
	for secret, within := range map[string]int64{s.Admin: (5 * time.Minute).Milliseconds(), tok.Secret: 0} {
		var in struct {
			Active bool
			Ends   int64 `json:"expires_at_ms"`
		}
		s.Read(form(t, s, "/oauth2/introspect", s.Admin, "token="+secret), 200, &in)
		left := in.Ends - s.Clock.Now().UnixMilli()
		if !in.Active || within == 0 && in.Ends != 0 || within > 0 && (left > within || left < within-10_000) {
			t.Errorf("%+v", in)
		}
	}
}
