package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

// Other users see only a part of a user's fields.
func TestSeenUser(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	alice, bob := s.MakeUser("alice"), s.MakeUser("bob")
	for _, path := range []string{"/users/" + bob.ID, "/users/username/bob", "/users/email/BOB@example.com"} {
		for secret, whole := range map[string]bool{s.Admin: true, bob.Secret: true, alice.Secret: false} {
			a := ask(t, s, "GET", path, secret, nil)
			var u map[string]any
			s.For(t).Read(a, http.StatusOK, &u)
			_, props := u["notify_props"]
			_, changed := u["last_password_update"]
			if props != whole || changed != whole || u["email"] != "bob@example.com" {
				t.Errorf("%s, whole %v: %s", path, whole, a.Body)
			}
		}
	}
	first := ask(t, s, "GET", "/users/me", bob.Secret, nil)
	h := http.Header{"Authorization": {"Bearer " + bob.Secret}, "If-None-Match": {first.Header.Get("ETag")}}
	if a := send(t, s, "GET", "/users/me", h, nil); a.Status != 304 || len(a.Body) != 0 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func names(t *testing.T, a apitest.Answer) string {
	t.Helper()
	var list []struct{ Username string }
	if err := json.Unmarshal(a.Body, &list); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	var out []string
	for _, u := range list {
		out = append(out, u.Username)
	}
	return strings.Join(out, " ")
}

// The lists and changes of users, roles, bots and the journal, on both engines. Every answer
// is validated against the description.
func TestResources(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob := s.MakeUser("bob")
		bot := s.MakeBot("robot")
		admin := func(method, path string, body any, status int) apitest.Answer {
			t.Helper()
			a := ask(t, s, method, path, s.Admin, body)
			if a.Status != status {
				t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
			}
			return a
		}
		for path, want := range map[string]string{
			"/users": "admin bob robot", "/users?per_page=1&page=1": "bob", "/users?role=system_admin": "admin",
			"/users?inactive=true": "", "/users?in_team=x": "", "/users?order=create_at": "admin bob robot", "/users?per_page=0": "",
			"/users?in_team=x&sort=create_at&team_roles=system_user": "", "/users?in_channel=x": "", "/users?in_group=x": "",
			"/users?not_in_team=x": "admin bob robot", "/users?without_team=true": "admin bob robot",
			"/users?roles=system_admin": "admin", "/users?roles=system_admin,system_user": "admin bob robot",
			"/users?roles=,system_admin,,": "admin", "/users?roles=system_admin,system_admin": "admin",
			"/users?roles=system_user,system_admin&role=system_admin": "admin", "/users?roles=,": "admin bob robot",
			"/users?team_roles=nonsense&channel_roles=nonsense": "admin bob robot",
		} {
			if got := names(t, admin("GET", path, nil, 200)); got != want {
				t.Errorf("%s: %s", path, got)
			}
		}
		if got := names(t, admin("POST", "/users/ids", []string{bob.ID, bob.ID, "x", unknown}, 200)); got != "bob" {
			t.Errorf("ids: %s", got)
		}
		if got := names(t, admin("POST", "/users/usernames", []string{"admin", "bob", "\x00"}, 200)); got != "admin bob" {
			t.Errorf("usernames: %s", got)
		}
		if got := names(t, admin("POST", "/users/ids", []string{"x"}, 200)); got != "" {
			t.Errorf("no id at all: %s", got)
		}
		many := []string{bob.ID} // as many as a list may have
		for i := range jeton.MaxListed - 1 {
			many = append(many, fmt.Sprintf("%026d", i))
		}
		if got := names(t, admin("POST", "/users/ids", many, 200)); got != "bob" {
			t.Errorf("many ids: %s", got)
		}
		for term, want := range map[string]string{"BO": "bob", "@bob": "bob", "a\x00": "", "%": "", "b_b": ""} {
			if got := names(t, admin("POST", "/users/search", map[string]any{"term": term}, 200)); got != want {
				t.Errorf("search %q: %s", term, got)
			}
		}
		for filter, want := range map[string]string{
			`"roles":["system_admin"]`: "", `"roles":["system_admin","system_user","system_user"]`: "bob", `"roles":[]`: "bob",
			`"team_id":"x"`: "", `"in_channel_id":"x"`: "", `"in_group_id":"x"`: "", `"not_in_team_id":"x"`: "bob", `"without_team":true`: "bob",
		} {
			if got := names(t, admin("POST", "/users/search", `{"term":"bob",`+filter+`}`, 200)); got != want {
				t.Errorf("search with %s: %s", filter, got)
			}
		}
		refused(t, ask(t, s, "POST", "/users/search", bob.Secret, map[string]string{"term": "bob", "team_id": "x"}), 403, denied, "")
		admin("PUT", "/users/"+bob.ID, map[string]any{"id": bob.ID, "username": "bob", "email": "bob@example.com", "nickname": "B"}, 200)
		admin("PUT", "/users/"+bob.ID+"/patch", map[string]any{"first_name": "Bob", "email": "bob2@example.com"}, 200)
		admin("PUT", "/users/"+bob.ID+"/password", map[string]any{"new_password": apitest.Password + "x"}, 200)
		admin("GET", "/users/"+bob.ID+"/sessions", nil, 200)
		admin("POST", "/users/"+bob.ID+"/sessions/revoke/all", nil, 200)
		admin("DELETE", "/users/"+bob.ID, nil, 200)
		if got := names(t, admin("GET", "/users?inactive=true", nil, 200)); got != "bob" {
			t.Errorf("inactive: %s", got)
		}

		var role struct{ ID string }
		_ = json.Unmarshal(admin("POST", "/roles", map[string]any{"name": "deployer", "permissions": []string{"deploy:write"}}, 201).Body, &role)
		admin("GET", "/roles/"+role.ID, nil, 200)
		admin("GET", "/roles", nil, 200)
		admin("POST", "/roles/names", []string{"deployer", "system_user"}, 200)
		admin("PUT", "/roles/"+role.ID+"/patch", map[string]any{"permissions": []string{"deploy:read"}}, 200)
		admin("PUT", "/roles/"+role.ID+"/patch", map[string]any{"permissions": []string{"manage_system"}}, 501)
		admin("DELETE", "/roles/"+role.ID, nil, 200)

		admin("GET", "/bots", nil, 200)
		admin("GET", "/bots/"+bot, nil, 200)
		admin("PUT", "/bots/"+bot, map[string]any{"display_name": "Robot"}, 200)
		admin("POST", "/bots/"+bot+"/disable", nil, 200)
		admin("GET", "/bots/"+bot, nil, 404)
		admin("GET", "/bots/"+bot+"?include_deleted=true", nil, 200)
		admin("POST", "/bots/"+bot+"/enable", nil, 200)
		admin("POST", "/bots/"+bot+"/assign/"+s.AdminID, nil, 200)

		if a := admin("GET", "/audits?per_page=2", nil, 200); !strings.Contains(a.Header.Get("Link"), `rel="next"`) {
			t.Errorf("audits: %s", a.Header.Get("Link"))
		}
		admin("GET", "/users/me/audits", nil, 200)
	})
}

func TestOpenSignUp(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	in := map[string]string{"username": "eve", "email": "eve@example.com", "password": apitest.Password}
	refused(t, ask(t, s, "POST", "/users", "", in), 403, "api.user.create_user.no_open_server", "")
}
