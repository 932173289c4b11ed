package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"jeton/apitest"
	"jeton/httpapi"
)

func TestNoRoute(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	// As in Mattermost, "tokens" may be a user_id: /users/tokens has the methods of
	// /users/{user_id}, too. The other fixed segments have only their own.
	tests := []struct{ method, path, allow string }{
		{"GET", "/nonsense", ""},
		{"GET", "/users/me/", ""},
		{"GET", "/users/a-b/tokens", ""},
		{"DELETE", "/users/me/tokens", "GET, HEAD, POST"},
		{"OPTIONS", "/users/tokens", "GET, HEAD, PUT, DELETE"},
		{"PATCH", "/users/me", "GET, HEAD, PUT, DELETE"},
		{"GET", "/bots/x/enable", "POST"},
		{"PATCH", "/users/a-b", ""},
	}
	for _, tt := range tests {
		for _, secret := range []string{"", s.Admin} {
			a := s.Do(tt.method, tt.path, secret, nil)
			refused(t, a, 404, nowhere, "")
			if got := a.Header.Get("Allow"); got != tt.allow {
				t.Errorf("%s %s: Allow %q, want %q", tt.method, tt.path, got, tt.allow)
			}
		}
	}
}

// TestFixedSegments: no segment that Mattermost has under /users is taken for a user, with any
// method, credential, and path below it.
func TestFixedSegments(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for segment, own := range map[string]string{
		"stats": "GET", "known": "GET", "autocomplete": "GET", "ids": "POST", "usernames": "POST", "search": "POST", "login": "POST",
		"logout": "POST", "groups": "", "mfa": "", "email": "", "username": "", "password": "", "status": "", "sessions": "",
		"invalid_emails": "", "group_channels": "", "notify-admin": "", "migrate_auth": "", "trigger-notify-admin-posts": "",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			if method == own || method == "HEAD" && own == "GET" {
				continue
			}
			for _, secret := range []string{"", s.Admin} {
				a := s.Do(method, "/users/"+segment, secret, nil)
				if a.Status != 404 || method != "HEAD" && !strings.Contains(string(a.Body), nowhere) {
					t.Errorf("%s %s: %d %s", method, segment, a.Status, a.Body)
				}
				if allow := a.Header.Get("Allow"); strings.ReplaceAll(allow, "GET, HEAD", "GET") != own {
					t.Errorf("%s %s: Allow %q, want %q", method, segment, allow, own)
				}
			}
		}
		for _, below := range []string{"PUT patch", "PUT roles", "GET tokens", "POST tokens", "GET sessions", "GET teams", "GET preferences"} {
			method, path, _ := strings.Cut(below, " ")
			if segment == "email" || segment == "username" {
				continue // GET /users/username/{username} has a name there
			}
			if a := s.Do(method, "/users/"+segment+"/"+path, s.Admin, nil); a.Status != 404 {
				t.Errorf("%s %s/%s: %d", method, segment, path, a.Status)
			}
		}
	}
}

// A method that is none of HTTP's, or that is never served, is 405 on each path, with the
// methods of the path.
func TestMethods(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for _, method := range []string{"TRACE", "CONNECT", "NONSENSE", "get", "PURGE"} {
		for path, allow := range map[string]string{"/system/ping": "GET, HEAD", "/users/me": "GET, HEAD, PUT, DELETE", "/nonsense": ""} {
			a := s.Do(method, path, s.Admin, nil)
			refused(t, a, 405, "api.context.method_not_allowed.app_error", "")
			if got, is := a.Header["Allow"]; !is || got[0] != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, path, got, allow)
			}
		}
	}
}

func TestHead(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	s.MakeToken(s.AdminID, "one")
	for _, path := range []string{"/users/tokens", "/users/me/tokens", "/users/me", "/roles", "/bots", "/audits", "/system/ping", "/openapi.yaml"} {
		get, head := ask(t, s, "GET", path, s.Admin, nil), ask(t, s, "HEAD", path, s.Admin, nil)
		if head.Status != get.Status || len(head.Body) != 0 || head.Header.Get("Content-Length") != get.Header.Get("Content-Length") {
			t.Errorf("%s: %d %s %q", path, head.Status, head.Header.Get("Content-Length"), head.Body)
		}
	}
	if a := ask(t, s, "HEAD", "/users/tokens", "", nil); a.Status != 401 {
		t.Errorf("HEAD without a secret: %d", a.Status)
	}
}

// Every route except the open ones answers 401 without credentials.
func TestEveryRouteAsksWho(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	open := map[string]int{
		"POST /users/login": 400, "POST /users/logout": 200, "GET /system/ping": 200, "GET /config/client": 200,
		"GET /openapi.yaml": 200, "POST /users": 400, "GET /license/client": 400, "POST /users/login/type": 200,
	}
	_ = chi.Walk(httpapi.Routes(), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		route = strings.TrimPrefix(route, httpapi.Prefix)
		want, ok := open[method+" "+route]
		if !ok {
			want = 401
		}
		path := strings.NewReplacer("{username}", "bob", "{email}", "a@b.example", "{role_name}", "system_user").Replace(route)
		for strings.Contains(path, "{") {
			start, end := strings.Index(path, "{"), strings.Index(path, "}")
			path = path[:start] + unknown + path[end+1:]
		}
		for _, secret := range []string{"", "zzz"} {
			if a := ask(t, s, method, path, secret, nil); a.Status != want {
				t.Errorf("%s %s with %q: %d, want %d", method, path, secret, a.Status, want)
			}
		}
		return nil
	})
}
