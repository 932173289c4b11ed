package httpapi_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

type roleAnswer struct {
	ID          string   `json:"id"`
	Permissions []string `json:"permissions"`
	Ignored     []string `json:"ignored_permissions"`
}

func roleOf(s *apitest.Server, t *testing.T, name string) (r roleAnswer) {
	t.Helper()
	s.For(t).Read(s.Do("GET", "/roles/name/"+name, s.Admin, nil), 200, &r)
	return r
}

func patchOf(permissions ...string) map[string][]string {
	return map[string][]string{"permissions": append([]string{}, permissions...)}
}

// "mmctl permissions reset ROLE" sends all that the role has in Mattermost. The role then
// holds what of it means something here, and the answer names the rest.
func TestResetOfRoles(t *testing.T) {
	text, err := os.ReadFile("testdata/mattermost-11.8-roles.json")
	if err != nil {
		t.Fatal(err)
	}
	var sent struct{ Roles map[string]string }
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		for name, list := range sent.Roles {
			a := s.Do("GET", "/roles/name/"+name, s.Admin, nil)
			if a.Status == 404 || name == "system_guest" { // no such role here; see TestGuestRole
				continue
			}
			before := roleOf(s, t, name)
			asked := strings.Fields(list)
			var after roleAnswer
			s.For(t).Read(ask(t, s, "PUT", "/roles/"+before.ID+"/patch", s.Admin, patchOf(asked...)), 200, &after)
			for _, p := range asked {
				kept, ignored := slices.Contains(after.Permissions, p), slices.Contains(after.Ignored, p)
				if kept == ignored || kept != jeton.ValidPermission(p) {
					t.Errorf("%s: %s is kept: %t, and named: %t", name, p, kept, ignored)
				}
			}
			if stored := roleOf(s, t, name); !slices.Equal(stored.Permissions, after.Permissions) || stored.Ignored != nil {
				t.Errorf("%s: stored %v, answered %v", name, stored, after)
			}
		}
		if len(roleOf(s, t, "system_admin").Permissions) < 20 {
			t.Error("system_admin lost what it held")
		}
		s.For(t).Read(s.Do("GET", "/roles", s.Admin, nil), 200, nil) // the administrator still is one
	})
}

// A permission of Mattermost that means nothing here is neither stored nor granted. A name
// that is none is refused, and the answer names it.
func TestPatchOfRoles(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	user, manager := roleOf(s, t, "system_user").ID, roleOf(s, t, "system_manager").ID
	long := strings.Repeat("a", 500)
	for _, tt := range []struct {
		role    string
		asked   []string
		status  int
		id      string
		value   string
		ignored []string
	}{
		{user, []string{"view_members", "create_direct_channel", "create_post", "create_post"}, 200, "", "", []string{"create_direct_channel", "create_post"}},
		{user, []string{"view_members", "deploy:write"}, 200, "", "", nil},
		{user, []string{"view_members"}, 200, "", "", nil},
		{user, []string{"view_members", "mange_system"}, 400, "app.role.save.invalid_role.app_error", "mange_system", nil},
		{user, []string{"create_post", "creat_post"}, 400, "app.role.save.invalid_role.app_error", "creat_post", nil},
		{user, []string{"Create_Post"}, 400, "app.role.save.invalid_role.app_error", "Create_Post", nil},
		{user, []string{"a b"}, 400, "app.role.save.invalid_role.app_error", "a b", nil},
		{user, []string{"<b>\n"}, 400, "app.role.save.invalid_role.app_error", "<b>\n", nil},
		{user, []string{long + ":" + long}, 400, "app.role.save.invalid_role.app_error", "[secret]:[secret]", nil},
		{user, []string{strings.Repeat("a_", 300)}, 400, "app.role.save.invalid_role.app_error", strings.Repeat("a_", 64), nil},
		{user, []string{s.Admin}, 400, "app.role.save.invalid_role.app_error", "jts_[secret]", nil},
		{user, []string{"manage_system"}, 501, "api.roles.patch_roles.not_allowed_permission.error", "manage_system", nil},
		{manager, []string{"sysconsole_read_user_management_system_roles"}, 501, "api.roles.patch_roles.not_allowed_permission.error", "sysconsole_read_user_management_system_roles", nil},
	} {
		a := ask(t, s, "PUT", "/roles/"+tt.role+"/patch", s.Admin, patchOf(tt.asked...))
		if tt.status == 200 {
			var r roleAnswer
			s.Read(a, 200, &r)
			if !slices.Equal(r.Ignored, tt.ignored) || slices.Contains(r.Permissions, "create_post") {
				t.Errorf("%v: %s", tt.asked, a.Body)
			}
			continue
		}
		refused(t, a, tt.status, tt.id, "")
		if got := valueOf(a); got != tt.value {
			t.Errorf("%v: names %q, want %q", tt.asked, got, tt.value)
		}
	}
	// It grants nothing: a narrowed token cannot ask for it, and a role of one's own cannot hold it.
	refused(t, ask(t, s, "POST", "/roles", s.Admin, map[string]any{"name": "poster", "permissions": []string{"create_post"}}), 400, "app.role.save.invalid_role.app_error", "")
	// The journal says what was left out.
	s.Read(s.Do("PUT", "/roles/"+user+"/patch", s.Admin, patchOf("deploy:read", "create_post")), 200, nil)
	events, err := s.Store.Events(t.Context(), jeton.EventFilter{}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	d := events[0].Detail
	change := jeton.FieldChange{Field: "permissions", Old: "view_members", New: "deploy:read"}
	if !strings.Contains(d.Note, "create_post") || !slices.Contains(d.Changes, change) {
		t.Errorf("the event says %+v", d)
	}
}

// No permission is added to the guests' role, as in Mattermost without a licence. What it
// held before can be taken away.
func TestGuestRole(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann, guest := s.MakeUser("ann"), roleOf(s, t, "system_guest").ID
	path, off := "/roles/"+guest+"/patch", "api.roles.patch_roles.license.error"
	for _, p := range []string{"view_members", "create_post", "deploy:write", "manage_system"} {
		refused(t, ask(t, s, "PUT", path, s.Admin, patchOf(p)), 501, off, "")
	}
	refused(t, ask(t, s, "PUT", path, s.Admin, patchOf()), 501, off, "")
	refused(t, ask(t, s, "PUT", path, ann.Secret, patchOf()), 403, denied, "")
	_, _, err := s.Store.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		table, err := tx.RoleTable()
		if err != nil {
			return jeton.Event{}, err
		}
		r, _ := table.Role("system_guest")
		r.Permissions = []string{"view_members", "deploy:write"}
		return jeton.Event{Action: "test.roles", Target: guest}, tx.SetRole(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	refused(t, ask(t, s, "PUT", path, s.Admin, patchOf("view_members", "deploy:read")), 501, off, "")
	s.Read(ask(t, s, "PUT", path, s.Admin, patchOf("view_members")), 200, nil)
	s.Read(ask(t, s, "PUT", path, s.Admin, patchOf()), 200, nil)
}

func valueOf(a apitest.Answer) string {
	var e struct{ Value string }
	_ = json.Unmarshal(a.Body, &e)
	return e.Value
}

// An error about a role, or about a list, names the value at fault.
func TestErrorsNameTheValue(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("ann", "system_user", "system_user_access_token")
	for _, tt := range []struct {
		method, path string
		body         any
		value        string
	}{
		{"PUT", "/users/" + ann.ID + "/roles", map[string]string{"roles": "system_user nosuch"}, "nosuch"},
		{"PUT", "/users/" + ann.ID + "/roles", map[string]string{"roles": "system_user Bad!"}, "Bad!"},
		{"PUT", "/users/" + ann.ID + "/roles", map[string]string{"roles": "system_admin"}, "system_admin"},
		{"POST", "/roles/names", []string{"system_user", "A!"}, "A!"},
		{"GET", "/roles/name/nosuch", nil, "nosuch"},
		{"GET", "/users?role=nosuch", nil, "nosuch"},
		{"POST", "/roles", map[string]any{"name": "Not A Name"}, "Not A Name"},
		{"POST", "/roles", map[string]any{"name": "r", "permissions": []string{"a:b", "create_post"}}, "create_post"},
		{"POST", "/roles", map[string]any{"name": "r", "permissions": []string{"manage_system"}}, "manage_system"},
		{"POST", "/users/" + ann.ID + "/tokens", map[string]any{"description": "x", "scopes": []string{"a:b", "create_post"}}, "create_post"},
		{"POST", "/users/" + ann.ID + "/tokens", map[string]any{"description": "x", "scopes": []string{"nonsense"}}, "nonsense"},
	} {
		a := ask(t, s, tt.method, tt.path, s.Admin, tt.body)
		if got := valueOf(a); a.Status < 400 || got != tt.value {
			t.Errorf("%s %s: %d names %q, want %q: %s", tt.method, tt.path, a.Status, got, tt.value, a.Body)
		}
	}
	if a := ask(t, s, "GET", "/users/tokens", ann.Secret, nil); strings.Contains(string(a.Body), "value") {
		t.Errorf("no value is at fault: %s", a.Body)
	}
}

// Users are found by their names in any case.
func TestUsernamesInAnyCase(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		ann := s.MakeUser("Alice")
		tok := s.MakeToken(ann.ID, "x")
		for _, name := range []string{"alice", "Alice", "ALICE"} {
			var u userAnswer
			s.For(t).Read(ask(t, s, "GET", "/users/username/"+name, s.Admin, nil), 200, &u)
			if u.ID != ann.ID || u.Username != "alice" {
				t.Errorf("%s: %+v", name, u)
			}
			if got := names(t, ask(t, s, "POST", "/users/usernames", s.Admin, []string{name, "aLICE", "nobody"})); got != "alice" {
				t.Errorf("%s is in %s", name, got)
			}
			if a := ask(t, s, "POST", "/users/tokens/search", s.Admin, map[string]string{"term": name}); !strings.Contains(string(a.Body), tok.ID) {
				t.Errorf("%s: %s", name, a.Body)
			}
			if _, err := s.Service.ResetPassword(t.Context(), name, "An0ther!word", false); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
