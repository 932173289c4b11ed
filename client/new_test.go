package client_test

import (
	"net/http"
	"strings"
	"testing"

	"jeton/client"
)

func TestNewTakesAServer(t *testing.T) {
	good := map[string]string{
		"https://tokens.example.org":   "https://tokens.example.org",
		"https://tokens.example.org/":  "https://tokens.example.org",
		"http://127.0.0.1:8065":        "http://127.0.0.1:8065",
		"http://[::1]:8065":            "http://[::1]:8065",
		"https://example.org/tokens//": "https://example.org/tokens",
		"HTTPS://example.org":          "https://example.org",
		"https://example.org/#":        "https://example.org",
	}
	for base, want := range good {
		if got := open(t, base).URL(); got != want {
			t.Errorf("%s: %s, want %s", base, got, want)
		}
	}
	bad := []string{
		"", "tokens.example.org", "//tokens.example.org", "/tokens", "https://", "https:", "http://:8065", "ftp://example.org",
		"localhost:8065", "file:///etc/passwd", "http://exa mple.org", "http://example.org:port", "http://[::1", "http://example.org/%zz",
		"https://hunter2@example.org", "https://ann:hunter2@example.org", "ftp://ann:hunter2@example.org", "ann:hunter2@example.org",
		"http://ann:hunter2@exa mple.org", "https://example.org/?token=hunter2", "https://example.org?", "https://example.org/#hunter2",
		"hunter2", "hunter2\x7f", "https://ann:hunter2@", "hunter2://example.org",
	}
	for _, base := range bad {
		c, err := client.New(base, client.WithToken(secret))
		if err == nil || c != nil {
			t.Errorf("%q is taken", base)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error quotes it: %v", base, err)
		}
	}
}

// Any id is sent as one escaped segment of the path. An id that a proxy would not treat as one
// segment is not sent.
func TestPathsAreEscaped(t *testing.T) {
	var asked []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.RequestURI)
		w.WriteHeader(http.StatusTeapot)
	})
	x := t.Context()
	calls := map[string]struct {
		pattern string
		call    func(id string) error
	}{
		"user":     {"GET /api/v4/users/ID", func(id string) error { _, err := c.User(x, id); return err }},
		"name":     {"GET /api/v4/users/username/ID", func(id string) error { _, err := c.UserByName(x, id); return err }},
		"email":    {"GET /api/v4/users/email/ID", func(id string) error { _, err := c.UserByEmail(x, id); return err }},
		"update":   {"PUT /api/v4/users/ID", func(id string) error { _, err := c.UpdateUser(x, client.User{ID: id}, ""); return err }},
		"patch":    {"PUT /api/v4/users/ID/patch", func(id string) error { _, err := c.PatchUser(x, id, client.UserPatch{}); return err }},
		"password": {"PUT /api/v4/users/ID/password", func(id string) error { return c.SetPassword(x, id, "", "") }},
		"roles":    {"PUT /api/v4/users/ID/roles", func(id string) error { return c.SetRoles(x, id) }},
		"active":   {"PUT /api/v4/users/ID/active", func(id string) error { return c.SetActive(x, id, true) }},
		"delete":   {"DELETE /api/v4/users/ID", func(id string) error { return c.DeleteUser(x, id, false) }},
		"for good": {"DELETE /api/v4/users/ID?permanent=true", func(id string) error { return c.DeleteUser(x, id, true) }},
		"tokens":   {"GET /api/v4/users/ID/tokens", func(id string) error { _, err := c.TokensOf(x, id, client.Page{}); return err }},
		"make":     {"POST /api/v4/users/ID/tokens", func(id string) error { _, err := c.CreateToken(x, id, client.NewToken{}); return err }},
		"token":    {"GET /api/v4/users/tokens/ID", func(id string) error { _, err := c.Token(x, id); return err }},
		"sessions": {"GET /api/v4/users/ID/sessions", func(id string) error { _, err := c.Sessions(x, id); return err }},
		"end":      {"POST /api/v4/users/ID/sessions/revoke", func(id string) error { return c.RevokeSession(x, id, "") }},
		"end all":  {"POST /api/v4/users/ID/sessions/revoke/all", func(id string) error { return c.RevokeSessions(x, id) }},
		"audits":   {"GET /api/v4/users/ID/audits?page=2&per_page=3", func(id string) error { _, err := c.AuditsOf(x, id, client.Page{Number: 2, Size: 3}); return err }},
		"role":     {"GET /api/v4/roles/ID", func(id string) error { _, err := c.Role(x, id); return err }},
		"by name":  {"GET /api/v4/roles/name/ID", func(id string) error { _, err := c.RoleByName(x, id); return err }},
		"may":      {"PUT /api/v4/roles/ID/patch", func(id string) error { _, err := c.SetPermissions(x, id, nil); return err }},
		"no role":  {"DELETE /api/v4/roles/ID", func(id string) error { return c.DeleteRole(x, id) }},
		"bot":      {"GET /api/v4/bots/ID?include_deleted=true", func(id string) error { _, err := c.Bot(x, id); return err }},
		"bot is":   {"PUT /api/v4/bots/ID", func(id string) error { _, err := c.UpdateBot(x, id, client.BotPatch{}); return err }},
		"on":       {"POST /api/v4/bots/ID/enable", func(id string) error { _, err := c.EnableBot(x, id); return err }},
		"off":      {"POST /api/v4/bots/ID/disable", func(id string) error { _, err := c.DisableBot(x, id); return err }},
		"person":   {"POST /api/v4/bots/ID/convert_to_user", func(id string) error { _, err := c.ConvertToUser(x, id, client.UserPatch{}, false); return err }},
		"a bot":    {"POST /api/v4/users/ID/convert_to_bot", func(id string) error { _, err := c.ConvertToBot(x, id); return err }},
		"promote":  {"POST /api/v4/users/ID/promote", func(id string) error { return c.PromoteGuest(x, id) }},
		"assign":   {"POST /api/v4/bots/ID/assign/ID", func(id string) error { _, err := c.AssignBot(x, id, id); return err }},
	}
	ids := map[string]string{
		"abc": "abc", "../x": "..%2Fx", "a/b": "a%2Fb", "?x": "%3Fx", "#x": "%23x", "a b": "a%20b", "%2e": "%252e", "é": "%C3%A9",
		"a@b.c": "a@b.c", "...": "...", "x\r\nHost: y": "x%0D%0AHost:%20y", "": "", ".": "", "..": "",
	}
	for name, tt := range calls {
		for id, segment := range ids {
			asked = nil
			err := tt.call(id)
			if segment == "" {
				if len(asked) > 0 || !isStatus(err, http.StatusNotFound) {
					t.Errorf("%s of %q: asked %q: %v", name, id, asked, err)
				}
				continue
			}
			want := strings.ReplaceAll(tt.pattern, "ID", segment)
			if len(asked) != 1 || asked[0] != want || !isStatus(err, http.StatusTeapot) {
				t.Errorf("%s of %q: asked %q, want %q: %v", name, id, asked, want, err)
			}
		}
	}
}
