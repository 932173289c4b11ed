package verify_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/client"
	"jeton/verify"
)

// deployer returns a server, a user with the permissions of role deployer, and a token of
// that user.
func deployer(t testing.TB, o apitest.Options) (*apitest.Server, apitest.User, apitest.Token) {
	t.Helper()
	s := apitest.Start(t, o)
	makeRole(t, s, "deployer", "deploy:write", "deploy:read")
	u := s.MakeUser("ann", "system_user", "deployer")
	return s, u, s.MakeToken(u.ID, "ci")
}

// The answers of RFC 6750 to all forms of credentials and requirements.
func TestAnswersOfRFC6750(t *testing.T) {
	s, u, tok := deployer(t, apitest.Options{})
	narrow := s.MakeToken(u.ID, "narrow", "deploy:read")
	revoked := s.MakeToken(u.ID, "revoked")
	tokenCall(t, s, "revoke", revoked.ID)
	disabled := s.MakeToken(u.ID, "disabled")
	tokenCall(t, s, "disable", disabled.ID)
	gone := s.MakeUser("gone")
	orphan := s.MakeToken(gone.ID, "orphan")
	setActive(t, s, gone.ID, false)
	const (
		bare      = `Bearer realm="jeton"`
		unread    = `error="invalid_request"`
		bad       = `error="invalid_token"`
		needWrite = `error="insufficient_scope", scope="deploy:write"`
	)
	auth := func(v string) []string { return []string{"Authorization: " + v} }
	tests := []struct {
		name, target string
		headers      []string
		status       int
		challenge    string // a part of the challenge; bare: all of it
	}{
		{"good", "/verify", auth("Bearer " + tok.Secret), 200, ""},
		{"any case", "/verify", auth("bEARER " + tok.Secret), 200, ""},
		{"spaces", "/verify", auth("Bearer   " + tok.Secret), 200, ""},
		{"nothing", "/verify", nil, 401, bare},
		{"empty", "/verify", auth(""), 401, bare},
		{"another scheme", "/verify", auth("Basic YTpi"), 401, bare},
		{"Mattermost's scheme", "/verify", auth("token " + tok.Secret), 401, bare},
		{"a scheme that begins so", "/verify", auth("Bearers " + tok.Secret), 401, bare},
		{"a cookie", "/verify", []string{"Cookie: MMAUTHTOKEN=" + tok.Secret}, 401, bare},
		{"in the query", "/verify?access_token=" + tok.Secret, nil, 401, bare},
		{"no token", "/verify", auth("Bearer"), 401, unread},
		{"no token but a space", "/verify", auth("Bearer "), 401, unread},
		{"two words", "/verify", auth("Bearer a b"), 401, unread},
		{"a list", "/verify", auth("Bearer " + tok.Secret + ", Basic x"), 401, unread},
		{"not its alphabet", "/verify", auth("Bearer " + tok.Secret + "\""), 401, unread},
		{"two headers", "/verify", append(auth("Bearer "+tok.Secret), auth("Bearer "+tok.Secret)...), 401, unread},
		{"unknown", "/verify", auth("Bearer jtn_0000000000000000000000000000000000000"), 401, bad},
		{"mistyped", "/verify", auth("Bearer " + tok.Secret[:39] + "!"), 401, unread},
		{"a letter wrong", "/verify", auth("Bearer " + flip(tok.Secret)), 401, bad},
		{"revoked", "/verify", auth("Bearer " + revoked.Secret), 401, bad},
		{"disabled", "/verify", auth("Bearer " + disabled.Secret), 401, bad},
		{"owner gone", "/verify", auth("Bearer " + orphan.Secret), 401, bad},
		{"a session", "/verify", auth("Bearer " + u.Secret), 401, bad},
		{"may", "/verify?require=deploy:write&require=deploy:read", auth("Bearer " + tok.Secret), 200, ""},
		{"may, escaped", "/verify?x=1&require=deploy%3Awrite", auth("Bearer " + tok.Secret), 200, ""},
		{"may not", "/verify?require=deploy:read&require=deploy:write", auth("Bearer " + narrow.Secret), 403, needWrite},
		{"unknown permission", "/verify?require=no:such", auth("Bearer " + tok.Secret), 403, `scope="no:such"`},
		{"may, by path", "/verify/require/deploy:write,deploy:read/-/api/x?require=no:such", auth("Bearer " + tok.Secret), 200, ""},
		{"may not, by path", "/verify/require/deploy:read,deploy:write/-/", auth("Bearer " + narrow.Secret), 403, needWrite},
		{"below, the query is a client's", "/verify/anything?require=no:such", auth("Bearer " + tok.Secret), 200, ""},
		{"no name", "/verify?require=", auth("Bearer " + tok.Secret), 400, unread},
		{"a bad name", "/verify?require=deploy", auth("Bearer " + tok.Secret), 400, unread},
		{"a bad name, no credentials", "/verify?require=deploy", nil, 400, unread},
		{"a bad escape", "/verify?require=deploy:write&require=%zz", auth("Bearer " + tok.Secret), 400, unread},
		{"a semicolon", "/verify?a;require=no:such", auth("Bearer " + tok.Secret), 400, unread},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "VERSION-CONTROL", "QUERY"} {
				a := raw(t, s, method, tt.target, "", tt.headers...)
				got := a.Header.Get("Www-Authenticate")
				if a.Status != tt.status || !strings.Contains(got, tt.challenge) || tt.challenge == bare && got != bare || tt.challenge == "" && got != "" {
					t.Errorf("%s: %d %q", method, a.Status, got)
				}
				if len(a.Body) != 0 || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s: body %q, headers %v", method, a.Body, a.Header)
				}
				if has := a.Header.Get("X-Auth-User-Id") != ""; has != (tt.status == 200) {
					t.Errorf("%s: status %d, X-Auth-User-Id %v", method, a.Status, has)
				}
			}
		})
	}
}

// flip changes one letter, which makes the checksum wrong.
func flip(secret string) string {
	b := []byte(secret)
	b[10] = 'A' + (b[10]-'A'+1)%26
	return string(b)
}

func TestMalformedStatus(t *testing.T) {
	s := apitest.Start(t, apitest.Options{Verify: verify.Settings{MalformedStatus: 400}})
	a := raw(t, s, "GET", "/verify", "", "Authorization: Bearer")
	if got := a.Header.Get("Www-Authenticate"); a.Status != 400 || !strings.Contains(got, "invalid_request") {
		t.Errorf("%d %q", a.Status, got)
	}
	want(t, "nothing", raw(t, s, "GET", "/verify", "").Status, 401)
}

// Only verification answers at or under /verify, in any encoding, and no form of a
// requirement is read as none.
func TestHostilePaths(t *testing.T) {
	s, u, _ := deployer(t, apitest.Options{})
	secret := s.MakeToken(u.ID, "x", "view_members").Secret
	good := "Authorization: Bearer " + secret
	for target, status := range map[string]int{
		"/verify/":                                        200,
		"/verify/x":                                       200,
		"/verify/-/require/no:such":                       200, // a client's path, after the end mark
		"/verify/../api/v4/users/me":                      200, // verification, not the user
		"/verify/..%2fapi/v4/users/me":                    200,
		"/verify/%2e%2e/api/v4/users/me":                  200,
		"/verify//api/v4/users/me":                        200,
		"/verify/require/view_members/-":                  200,
		"/verify/require/view_members/-/":                 200,
		"/verify/require/view_members/-/x/../../require/": 200,
		"/verify/require/deploy%3Awrite/-/":               403,
		"/verify/require/deploy:write/-/view_members/-/":  403,
		"/verify/require/deploy:write":                    400,
		"/verify/require/deploy:write/":                   400,
		"/verify/require/deploy:write/x":                  400,
		"/verify/require/deploy:write/--/":                400,
		"/verify/require/deploy:write/%2d/":               400,
		"/verify/require/deploy:write%2f-%2f":             400,
		"/verify/require/view_members,/-/":                400,
		"/verify/require/,view_members/-/":                400,
		"/verify/require/view_members,,view_members/-/":   400,
		"/verify/require//-/":                             400,
		"/verify/require/-/":                              400,
		"/verify/require":                                 400,
		"/verify/require/":                                400,
		"/verify/require?require=view_members":            400,
		"/verify/%72equire/deploy:write/-/":               400,
		"/verify%2frequire/deploy:write/-/":               400,
		"/verify/x/../require/deploy:write/-/":            400,
		"/verify/./require/deploy:write/-/":               400,
		"/verify//require/deploy:write/-/":                400,
		"/verify/Require/deploy:write/-/":                 400,
		"/verify/-/../require/x":                          400,
		"/%76erify":                                       400,
		"/%76erify/require/deploy:write/-/":               400,
		"/verify%2f":                                      400,
		"//verify":                                        404,
		"/./verify":                                       404,
		"/x/../verify":                                    404,
		"/Verify":                                         404,
		"/verifyx":                                        404,
		"/verify.":                                        404,
		"/api/v4/verify":                                  404,
		"/api/v4/../../verify":                            404,
	} {
		a := raw(t, s, "GET", target, "", good)
		if a.Status != status {
			t.Errorf("%s: %d, want %d", target, a.Status, status)
		}
		if status != 404 && (len(a.Body) > 0 || a.Header.Get("X-Request-Id") != "") {
			t.Errorf("%s: not answered by verification: %s", target, a.Body)
		}
		if without := raw(t, s, "GET", target, "").Status; without == 200 {
			t.Errorf("%s: 200 without credentials", target)
		}
	}
}

func TestHeadersOfAGoodAnswer(t *testing.T) {
	s, u, tok := deployer(t, apitest.Options{})
	headers := func(secret string) http.Header {
		t.Helper()
		a := raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+secret)
		want(t, "status", a.Status, 200)
		return a.Header
	}
	expect := func(h http.Header, pairs ...string) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			if got, ok := h[pairs[i]]; !ok || len(got) != 1 || got[0] != pairs[i+1] {
				t.Errorf("%s: %q, want %q", pairs[i], got, pairs[i+1])
			}
		}
	}
	expect(headers(tok.Secret), "X-Auth-User-Id", u.ID, "X-Auth-Username", "ann", "X-Auth-Roles", "system_user deployer",
		"X-Auth-Token-Id", tok.ID, "X-Auth-Expires-At", "", "X-Auth-Scopes", "deploy:read deploy:write")
	expect(headers(s.MakeToken(u.ID, "narrow", "deploy:write", "view_members", "no:such").Secret), "X-Auth-Scopes", "deploy:write")

	end := s.Clock.Now().Add(time.Hour).UnixMilli()
	timed := makeToken(t, s, s.Admin, u.ID, client.NewToken{Description: "x", ExpiresAt: end})
	expect(headers(timed.Secret), "X-Auth-Expires-At", strconv.FormatInt(end, 10))

	s.Read(s.Do("PUT", "/users/"+u.ID+"/patch", s.Admin, map[string]string{"username": "anna"}), 200, nil)
	expect(headers(tok.Secret), "X-Auth-Username", "anna")
	setRoles(t, s, u.ID, "")
	expect(headers(tok.Secret), "X-Auth-Roles", "", "X-Auth-Scopes", "")
}

// X-Auth-Scopes has a bound, because proxies bound the headers of an answer.
func TestManyScopes(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	var fits, over []string
	for i := range 128 {
		fits = append(fits, fmt.Sprintf("abcdefg:%07d", i)) // 15 bytes and a space
		over = append(over, fmt.Sprintf("abcdefg:%07d", i))
	}
	fits[127] += "x" // 2,048 bytes in all
	over[127] += "xy"
	for name, permissions := range map[string][]string{"fits": fits, "over": over} {
		makeRole(t, s, name, permissions...)
		u := s.MakeUser("user_"+name, name)
		h := raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+s.MakeToken(u.ID, "x").Secret).Header
		if got, cut := len(h.Get("X-Auth-Scopes")), h.Get("X-Auth-Scopes-Truncated"); name == "fits" && (got != 2048 || cut != "") || name == "over" && (h.Values("X-Auth-Scopes") != nil || cut != "true") {
			t.Errorf("%s: %d bytes, truncated %q", name, got, cut)
		}
	}
	h := raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+s.MakeToken(s.AdminID, "x").Secret).Header
	if strings.Contains(h.Get("X-Auth-Scopes"), jeton.PermManageSystem) {
		t.Error("X-Auth-Scopes holds a permission of Jeton's own")
	}
}

func TestSessionsOnlyWhenTold(t *testing.T) {
	s := apitest.Start(t, apitest.Options{Verify: verify.Settings{Sessions: true}})
	a := raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+s.Admin)
	if a.Status != 200 || a.Header.Get("X-Auth-User-Id") != s.AdminID || a.Header.Get("X-Auth-Token-Id") != "" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	s.Read(s.Do("POST", "/users/logout", s.Admin, nil), 200, nil)
	want(t, "after the log-out", check(t, s, s.Admin), 401)
}

// Where sessions are not accepted, one whose secret has a token's form is not either.
func TestBareSessionsOnlyWhenTold(t *testing.T) {
	settings := jeton.DefaultSettings()
	settings.Secrets.Bare = true
	for _, told := range []bool{false, true} {
		s := apitest.Start(t, apitest.Options{Settings: &settings, Verify: verify.Settings{Sessions: told}})
		tok := s.MakeToken(s.AdminID, "t")
		for range 2 { // from the database, and from the cache
			want(t, "a session", check(t, s, s.Admin), map[bool]int{true: 200, false: 401}[told])
			want(t, "a token", check(t, s, tok.Secret), 200)
		}
	}
}

func TestTokensSwitchedOffForPeople(t *testing.T) {
	settings := jeton.DefaultSettings()
	settings.TokensEnabled = false
	s := apitest.Start(t, apitest.Options{Settings: &settings})
	bot := s.MakeBot("robot")
	want(t, "a bot's", check(t, s, s.MakeToken(bot, "x").Secret), 200)
}

// TRACE, CONNECT and what is no method of HTTP are refused, whatever the token.
func TestMethodsThatAreRefused(t *testing.T) {
	s, _, tok := deployer(t, apitest.Options{})
	for _, method := range []string{"TRACE", "CONNECT", "NONSENSE", "get", "GETS", "PURGE", "PRI"} {
		for _, target := range []string{"/verify", "/verify?require=deploy:write", "/verify/require/deploy:write/-/x", "/verify/-/x"} {
			a := raw(t, s, method, target, "", "Authorization: Bearer "+tok.Secret)
			if a.Status != 405 || a.Header.Get("Allow") == "" || a.Header.Get("X-Auth-User-Id") != "" || len(a.Body) != 0 {
				t.Errorf("%s %s: %d %v %q", method, target, a.Status, a.Header, a.Body)
			}
		}
	}
}
