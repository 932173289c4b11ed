package httpapi_test

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"jeton/apitest"
)

func publicURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A stock client asks for the instance's URL before it logs in. Only that has a page.
func TestRootPage(t *testing.T) {
	for public, pages := range map[string][]string{
		"": {"/", "/?x=1"}, "https://h": {"/"}, "https://h/": {"/"},
		"https://h/jeton":       {"/", "/jeton", "/jeton/", "/jeton?x=1", "/%6aeton"},
		"https://h/a%20b/\"c\"": {"/", "/a%20b/%22c%22", "/a%20b/%22c%22/"},
		"https://h/api/v4":      {"/"}, "https://h/api/v4/users/me/": {"/"}, "https://h/verify": {"/"},
	} {
		o := apitest.Options{}
		if public != "" {
			o.Public = publicURL(t, public)
		}
		s := apitest.Start(t, o)
		for _, path := range pages {
			get, head := s.SendTo("GET", path, http.Header{}, nil), s.SendTo("HEAD", path, http.Header{}, nil)
			page := string(get.Body)
			if get.Status != 200 || head.Status != 200 || len(head.Body) != 0 ||
				get.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page, "personal access tokens") {
				t.Errorf("%s of %q: %d %s", path, public, get.Status, page)
			}
			for _, h := range []http.Header{get.Header, head.Header} {
				if policy := h.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") ||
					!strings.Contains(policy, "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: %s", path, h)
				}
			}
			if strings.Contains(page, "11.") || strings.Contains(page, "test") || get.Header.Get("X-Version-Id") != "" {
				t.Errorf("it names a version: %s %s", get.Header, page)
			}
			base := strings.TrimSuffix(publicURL(t, public).EscapedPath(), "/")
			if base = strings.ReplaceAll(base, `"`, "%22"); !strings.Contains(page, `"`+base+`/api/v4/openapi.yaml"`) {
				t.Errorf("%s of %q: the link: %s", path, public, page)
			}
			refused(t, s.SendTo("POST", path, http.Header{}, nil), 404, nowhere, "")
		}
		for _, path := range []string{"//", "/x", "/index.html", "/jeton/x", "/jeton/api/v4/users", "/..", "/api", "/api/v4", "/api/v4/"} {
			if a := s.SendTo("GET", path, http.Header{}, nil); a.Status != 404 {
				t.Errorf("%s of %q: %d", path, public, a.Status)
			}
		}
		if a := s.Do("GET", "/users/me", s.Admin, nil); a.Status != 200 || a.Header.Get("Content-Type") != "application/json" {
			t.Errorf("under %q the page hides a route: %d %s", public, a.Status, a.Body)
		}
	}
}

// Unclean paths under /api/v4 are 301 as by gorilla/mux 1.8.1.
func TestUncleanPaths(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	far := apitest.Start(t, apitest.Options{Public: publicURL(t, "https://tokens.example.org//jeton/./x/")})
	for path, want := range map[string]string{
		"/api/v4//users":                         "/api/v4/users",
		"/api/v4//users?page=0&per_page=%2F&":    "/api/v4/users?page=0&per_page=%2F&",
		"//api/v4/users":                         "/api/v4/users",
		"///api//v4///users//me":                 "/api/v4/users/me",
		"/./api/v4/users":                        "/api/v4/users",
		"/api/./v4/users":                        "/api/v4/users",
		"/api/v4/./users":                        "/api/v4/users",
		"/api/v4/users/./me":                     "/api/v4/users/me",
		"/api/v4/users/.":                        "/api/v4/users",
		"/api/v4/users/x/../me":                  "/api/v4/users/me",
		"/api/v4/users/me/..":                    "/api/v4/users",
		"/x/../api/v4/users":                     "/api/v4/users",
		"/api/v4//users/":                        "/api/v4/users/",
		"/api/v4/users//":                        "/api/v4/users/",
		"/api/v4/%2e/users":                      "/api/v4/users",
		"/api/v4/%2F/users":                      "/api/v4/users",
		"/api/v4/x%2F..%2Fusers":                 "/api/v4/users",
		"/%2Fapi/v4/users":                       "/api/v4/users",
		"/api/v4//users/email/a%20%3Fb%23@c.de":  "/api/v4/users/email/a%20%3Fb%23@c.de",
		"/api/v4//%5Cevil.example//%09%0d%0aX:y": "/api/v4/%5Cevil.example/%09%0D%0AX:y",
		"//evil.example/../api/v4/":              "/api/v4/",
		"//nonsense/../api/v4/nonsense":          "/api/v4/nonsense",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "NONSENSE"} {
			for base, to := range map[string]*apitest.Server{"": s, "/jeton/x": far} {
				a := to.SendTo(method, path, http.Header{"Authorization": {"Bearer " + to.Admin}}, nil)
				if got := a.Header.Get("Location"); a.Status != 301 || got != base+want || len(a.Body) != 0 {
					t.Errorf("%s %s: %d %q, want %q", method, path, a.Status, got, base+want)
				}
			}
		}
	}
	for _, path := range []string{
		"/api/v4/users/me/", "//x", "/x//y", "/x/../y", "//api/v5/users", "//api/v4x", "/api/v4/.users", "/api/v4/..x/y", "/api/v4/a...b",
		"/api/v4/../x", "/api/v4/../..", "/api/v4/../../..//evil.example", "/api/v4/..%2f..%2f%2fevil.example/x", "/api/v4/../../verify",
		"/api/v4/..//../oauth2/introspect", "/verify/../x", "/oauth2//introspect", "/oauth2/../api/v4/users", "/feed//x", "//oauth2/introspect",
	} {
		if a := s.SendTo("GET", path, http.Header{"Authorization": {"Bearer " + s.Admin}}, nil); a.Status == 301 || a.Header.Get("Location") != "" {
			t.Errorf("%s: %d %q", path, a.Status, a.Header.Get("Location"))
		}
	}
	for path, want := range map[string]int{"/verify//": 401, "/verify/../api/v4//users": 401, "/verify/./require/deploy:write/-": 400} {
		if a := s.SendTo("GET", path, http.Header{}, nil); a.Status != want {
			t.Errorf("%s: %d, want %d", path, a.Status, want)
		}
	}
}

// A request line that names a host, as to a proxy, does not put it into the Location.
func TestLocationNamesNoHost(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // only read from
	if _, err := conn.Write([]byte("GET http://evil.example//api/v4/users?x=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it is empty
	if got := resp.Header.Get("Location"); resp.StatusCode != 301 || got != "/api/v4/users?x=1" {
		t.Errorf("%d %q", resp.StatusCode, got)
	}
}

// Only answers with a secret are no-store; the others expire at once, and no cache gives them
// to another caller. Every answer protects browsers.
func TestCacheHeaders(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	login := map[string]string{"login_id": "admin", "password": apitest.Password}
	for name, a := range map[string]apitest.Answer{
		"user": s.Do("GET", "/users/me", s.Admin, nil), "head": s.Do("HEAD", "/users/me", s.Admin, nil),
		"list":  s.Do("GET", "/users/tokens", s.Admin, nil),
		"found": s.Do("POST", "/users/search", s.Admin, map[string]string{"term": "a"}), "ping": s.Do("GET", "/system/ping", "", nil),
		"refusal": s.Do("GET", "/users/me", "", nil), "nothing": s.Do("GET", "/nothing", "", nil), "moved": s.Do("GET", "//users", "", nil),
		"no log-in": s.Do("POST", "/users/login", "", map[string]string{"login_id": "admin", "password": "nope"}),
		"no token":  s.Do("POST", "/users/me/tokens", s.Admin, map[string]string{"description": ""}),
		"log-in":    s.Do("POST", "/users/login", "", login),
		"token":     s.Do("POST", "/users/me/tokens", s.Admin, map[string]string{"description": "x"}),
	} {
		want := ""
		if name == "log-in" || name == "token" {
			want = "no-store"
		}
		h := a.Header
		if strings.Join(h["Cache-Control"], "|") != want || h.Get("Expires") != "0" || h.Get("X-Version-Id") == "" ||
			!strings.Contains(strings.Join(h["Vary"], ", "), "Authorization, Cookie") {
			t.Errorf("%s: %v", name, h)
		}
		if h.Get("Content-Security-Policy") != "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", name, h)
		}
	}
	if a := s.SendTo("POST", "/oauth2/introspect", http.Header{"Authorization": {"Bearer " + s.Admin}}, nil); a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("introspection: %v", a.Header)
	}
}
