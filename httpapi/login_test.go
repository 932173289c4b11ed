package httpapi_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

func cookies(a apitest.Answer) map[string]*http.Cookie {
	out := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		out[c.Name] = c
	}
	return out
}

func TestCookies(t *testing.T) {
	for _, public := range []string{"", "http://a.example", "https://a.example", "https://a.example/", "https://a.example/tools/jeton/"} {
		o, path := apitest.Options{}, "/"
		if strings.Contains(public, "jeton") {
			path = "/tools/jeton"
		}
		if public != "" {
			o.Public, _ = url.Parse(public)
		}
		s := apitest.Start(t, o)
		in := map[string]string{"login_id": "ADMIN@localhost", "password": apitest.Password}
		if a := send(t, s, "POST", "/users/login", http.Header{}, in); len(cookies(a)) != 0 || a.Header.Get("Token") == "" {
			t.Errorf("cookies for a client that did not ask: %v", a.Header)
		}
		a := send(t, s, "POST", "/users/login", http.Header{"X-Requested-With": {"XMLHttpRequest"}}, in)
		secret, got := a.Header.Get("Token"), cookies(a)
		want := map[string]string{"MMAUTHTOKEN": secret, "MMUSERID": s.AdminID, "MMCSRF": jeton.CSRF(secret)}
		for name, value := range want {
			c := got[name]
			if c == nil || c.Value != value || c.HttpOnly != (name == "MMAUTHTOKEN") || c.SameSite != http.SameSiteLaxMode ||
				c.Secure != strings.HasPrefix(public, "https") || c.Path != path || c.MaxAge < 3600 {
				t.Errorf("%s %s: %+v", public, name, c)
			}
		}
		byCookie := http.Header{"Cookie": {"MMAUTHTOKEN=" + secret}}
		if a := send(t, s, "GET", "/users/me", byCookie, nil); a.Status != 200 {
			t.Errorf("GET by cookie: %d", a.Status)
		}
		tok := s.MakeToken(s.AdminID, "cookie")
		for _, sec := range []string{secret, tok.Secret} {
			h := http.Header{"Cookie": {"MMAUTHTOKEN=" + sec}, "X-Requested-With": {"XMLHttpRequest"}}
			refused(t, send(t, s, "POST", "/users/me/tokens", h, map[string]string{"description": "x"}), 401, expired, "")
			h.Set("X-CSRF-Token", jeton.CSRF(sec))
			if a := send(t, s, "POST", "/users/me/tokens", h, map[string]string{"description": "x"}); a.Status != 200 {
				t.Errorf("with CSRF: %d %s", a.Status, a.Body)
			}
		}
		byCookie.Set("X-CSRF-Token", jeton.CSRF(secret))
		a = send(t, s, "POST", "/users/logout", byCookie, nil)
		if a.Status != 200 || len(cookies(a)) != 3 {
			t.Errorf("logout: %d %v", a.Status, a.Header)
		}
		for name, c := range cookies(a) {
			if c.MaxAge >= 0 || c.Value != "" {
				t.Errorf("%s stays: %+v", name, c)
			}
		}
		a = send(t, s, "GET", "/users/me", byCookie, nil)
		refused(t, a, 401, expired, "")
		if cookies(a)["MMAUTHTOKEN"] == nil {
			t.Error("a dead cookie stays")
		}
	}
}

func TestLogOutWithout(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for _, secret := range []string{"", "zzz", s.MakeToken(s.AdminID, "x").Secret} {
		a := ask(t, s, "POST", "/users/logout", secret, nil)
		if a.Status != 200 || string(a.Body) != `{"status":"OK"}` || len(cookies(a)) != 3 {
			t.Errorf("%q: %d %s", secret, a.Status, a.Body)
		}
	}
}

func TestClientAddress(t *testing.T) {
	s := apitest.Start(t, apitest.Options{Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	a := s.Send("POST", "/users/login", http.Header{"X-Forwarded-For": {"6.6.6.6, 1.2.3.4"}},
		map[string]string{"login_id": "admin", "password": apitest.Password})
	sessions := ask(t, s, "GET", "/users/me/sessions", a.Header.Get("Token"), nil)
	if !strings.Contains(string(sessions.Body), `"address":"1.2.3.4"`) {
		t.Errorf("%s", sessions.Body)
	}
}
