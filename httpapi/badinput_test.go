package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"jeton/apitest"
)

const (
	badBody = "api.context.invalid_body_param.app_error"
	badURL  = "api.context.invalid_url_param.app_error"
	expired = "api.context.session_expired.app_error"
	nowhere = "api.context.404.app_error"
	denied  = "api.context.permissions.app_error"
	noUser  = "app.user.missing_account.const"
	unknown = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
)

type wireError struct {
	ID            string  `json:"id"`
	Message       string  `json:"message"`
	DetailedError *string `json:"detailed_error"`
	RequestID     string  `json:"request_id"`
	StatusCode    int     `json:"status_code"`
}

// refused checks an error's id, and that the error has all fields.
func refused(t *testing.T, a apitest.Answer, status int, id, param string) {
	t.Helper()
	var e wireError
	if err := json.Unmarshal(a.Body, &e); err != nil {
		t.Fatalf("%v: %d %s", err, a.Status, a.Body)
	}
	if a.Status != status || e.ID != id || e.StatusCode != status {
		t.Errorf("%d %s, want %d %s", a.Status, a.Body, status, id)
	}
	if param != "" && !strings.Contains(e.Message, " "+param+" ") {
		t.Errorf("%q does not name %s", e.Message, param)
	}
	if e.DetailedError == nil || *e.DetailedError != "" || e.RequestID != a.Header.Get("X-Request-Id") ||
		strings.HasSuffix(string(a.Body), "\n") {
		t.Errorf("shape: %s", a.Body)
	}
	if status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") != `Bearer realm="jeton"` {
		t.Errorf("WWW-Authenticate %q", a.Header.Get("WWW-Authenticate"))
	}
}

// Bad requests get the errors of Mattermost, on both engines.
func TestBadInput(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob := s.MakeUser("bob", "system_user", "system_user_access_token")
		for _, tt := range badInput {
			path := strings.ReplaceAll(strings.ReplaceAll(tt.path, "BOB", bob.ID), "ADMIN", s.AdminID)
			body := any(tt.body)
			if tt.body == "" {
				body = nil
			}
			t.Run(tt.method+" "+tt.path+" "+tt.body[:min(40, len(tt.body))], func(t *testing.T) {
				refused(t, ask(t, s, tt.method, path, s.Admin, body), tt.status, tt.id, tt.param)
			})
			if strings.HasPrefix(tt.path, "/users/login") || tt.id == nowhere || tt.path == "/users" && tt.method == "POST" {
				continue
			}
			t.Run("unauthenticated "+tt.method+" "+tt.path, func(t *testing.T) {
				refused(t, ask(t, s, tt.method, path, "", body), 401, expired, "")
			})
		}
	})
}

type badCase struct {
	method, path, body string
	status             int
	id, param          string
}

var badInput = []badCase{
	{"POST", "/users/xyz/tokens", "{", 400, badURL, "user_id"},
	{"POST", "/users/" + unknown + "/tokens", "{", 404, noUser, ""},
	{"POST", "/users/" + unknown + "/tokens", `{"description":""}`, 404, noUser, ""},
	{"POST", "/users/BOB/tokens", "", 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", "[]", 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", `"x"`, 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", `{"description":5}`, 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", `{"description":"x","expires_at":"1"}`, 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", `{"description":"x","expires_at":1.5}`, 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", `{"description":"x","expires_at":99999999999999999999}`, 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", `{"description":"x","scopes":"a"}`, 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", strings.Repeat("[", 100_000), 400, badBody, "user_access_token"},
	{"POST", "/users/BOB/tokens", "null", 400, badBody, "description"},
	{"POST", "/users/BOB/tokens", `{"description":"x","description":""}`, 400, badBody, "description"},
	{"POST", "/users/BOB/tokens", `{"description":"x","expires_at":1}`, 400, "app.user_access_token.expires_at_in_past.app_error", ""},
	{"POST", "/users/BOB/tokens", `{"description":"x","expires_at":-1}`, 400, "app.user_access_token.expires_at_in_past.app_error", ""},
	{"POST", "/users/BOB/tokens", `{"description":"a\u0000b"}`, 400, "model.user_access_token.is_valid.description.app_error", ""},
	{"POST", "/users/BOB/tokens", `{"description":"x","scopes":["nonsense"]}`, 400, "model.user_access_token.is_valid.scopes.app_error", ""},
	{"POST", "/users/BOB/tokens", `{"description":"x","scopes":[null]}`, 400, "model.user_access_token.is_valid.scopes.app_error", ""},
	{"POST", "/users/BOB/tokens", `{"description":"` + strings.Repeat("x", 300_600) + `"}`, 413, "api.context.request_body_too_large.app_error", ""},
	{"GET", "/users/xyz/tokens", "", 400, badURL, "user_id"},
	{"GET", "/users/tokens/revoke", "", 400, badURL, "token_id"},
	{"GET", "/users/tokens/" + unknown, "", 404, "app.user_access_token.get_by_user.app_error", ""},
	{"POST", "/users/tokens/search", "[", 400, badBody, "user_access_token_search"},
	{"POST", "/users/tokens/search", `{"term":5}`, 400, badBody, "user_access_token_search"},
	{"POST", "/users/tokens/search", `{}`, 400, badBody, "term"},
	{"POST", "/users/tokens/revoke", "", 400, badBody, "token_id"},
	{"POST", "/users/tokens/revoke", "[]", 400, badBody, "token_id"},
	{"POST", "/users/tokens/disable", `{"token_id":5}`, 400, badBody, "token_id"},
	{"POST", "/users/tokens/enable", `{"token_id":""}`, 400, badBody, "token_id"},
	{"POST", "/users/tokens/revoke", `{"token_id":"\u0000"}`, 404, "app.user_access_token.get_by_user.app_error", ""},
	{"POST", "/users/tokens/revoke", strings.Repeat("x", 300_600), 413, "api.context.request_body_too_large.app_error", ""},
	{"POST", "/users/login", "", 400, "api.user.login.blank_pwd.app_error", ""},
	{"POST", "/users/login", `[1]`, 400, "api.user.login.blank_pwd.app_error", ""},
	{"POST", "/users/login", `{"login_id":"admin","password":5}`, 400, "api.user.login.blank_pwd.app_error", ""},
	{"POST", "/users/login", `{"login_id":"a\u0000","password":"x"}`, 401, "api.user.login.invalid_credentials_email_username", ""},
	{"GET", "/users/" + unknown, "", 404, noUser, ""},
	{"GET", "/users/xyz", "", 400, badURL, "user_id"},
	{"GET", "/users/a-b", "", 404, nowhere, ""},
	{"GET", "/users/a%2Fb", "", 404, nowhere, ""},
	{"GET", "/users/username/a.", "", 404, "app.user.get_by_username.app_error", ""},
	{"GET", "/users/username/ALL", "", 400, badBody, "username"},
	{"GET", "/users/username/all", "", 400, badBody, "username"},
	{"GET", "/users/username/nobody", "", 404, "app.user.get_by_username.app_error", ""},
	{"GET", "/users/username/a%00", "", 404, nowhere, ""},
	{"GET", "/users/email/x", "", 400, badURL, "email"},
	{"GET", "/users/email/a%00@example.com", "", 400, badURL, "email"},
	{"GET", "/users/email/nobody@example.com", "", 404, noUser, ""},
	{"GET", "/users/email/a%40example.com", "", 404, noUser, ""},
	{"GET", "/users?active=true&inactive=true", "", 400, badURL, "inactive"},
	{"GET", "/users?sort=status", "", 400, badURL, "sort"},
	{"GET", "/users?sort=create_at", "", 400, badURL, "sort"},
	{"GET", "/users?sort=create_at&in_team=x&without_team=false", "", 400, badURL, "sort"},
	{"GET", "/users?sort=last_activity_at", "", 400, badURL, "sort"},
	{"GET", "/users?sort=admin&in_team=x", "", 400, badURL, "sort"},
	{"GET", "/users?sort=display_name", "", 400, badURL, "sort"},
	{"GET", "/users?sort=nonsense&in_team=x", "", 400, badURL, "sort"},
	{"GET", "/users?order=nonsense", "", 400, badURL, "order"},
	{"GET", "/users?not_in_channel=x", "", 400, badURL, "team_id"},
	{"GET", "/users?role=nonsense", "", 400, badBody, "role"},
	{"GET", "/users?role=%00", "", 400, badBody, "role"},
	{"GET", "/users?role=system_user,system_admin", "", 400, badBody, "role"},
	{"GET", "/users?roles=system_user,nonsense", "", 400, badBody, "roles"},
	{"GET", "/users?roles=system_user,+system_admin", "", 400, badBody, "roles"},
	{"GET", "/users?roles=Bad!", "", 400, badBody, "roles"},
	{"GET", "/users?in_team=x&team_roles=nonsense", "", 400, badBody, "teamRoles"},
	{"GET", "/users?in_channel=x&channel_roles=nonsense", "", 400, badBody, "channelRoles"},
	{"GET", "/users/stats/filtered?roles=Bad!", "", 400, badBody, "roles"},
	{"GET", "/users/xyz/teams", "", 400, badURL, "user_id"},
	{"GET", "/users/xyz/teams/members", "", 400, badURL, "user_id"},
	{"GET", "/users/xyz/teams/unread", "", 400, badURL, "user_id"},
	{"GET", "/users/xyz/preferences", "", 400, badURL, "user_id"},
	{"POST", "/permissions/ancillary", "", 400, "api.payload.parse.error", ""},
	{"POST", "/permissions/ancillary", "[]", 400, "api.payload.parse.error", ""},
	{"POST", "/permissions/ancillary", `{"subsection_permissions":"x"}`, 400, "api.payload.parse.error", ""},
	{"POST", "/permissions/ancillary", `[""` + strings.Repeat(`,""`, 1000) + "]", 400, badBody, "permissions"},
	{"POST", "/users/ids", "null", 400, badBody, "user_ids"},
	{"POST", "/users/ids", "[]", 400, badBody, "user_ids"},
	{"POST", "/users/ids", `{}`, 400, "api.payload.parse.error", ""},
	{"POST", "/users/ids", `[1]`, 400, "api.payload.parse.error", ""},
	{"POST", "/users/ids?since=x", `["` + unknown + `"]`, 400, badBody, "since"},
	{"POST", "/users/usernames", "[]", 400, badBody, "usernames"},
	{"POST", "/users/search", "[]", 400, badBody, "props"},
	{"POST", "/users/search", "{}", 400, badBody, "term"},
	{"POST", "/users/search", `{"term":"a","limit":1001}`, 400, badBody, "limit"},
	{"POST", "/users/search", `{"term":"a","roles":["system_user","nonsense"]}`, 400, badBody, "roles"},
	{"POST", "/users/search", `{"term":"a","not_in_channel_id":"x"}`, 400, badBody, "team_id"},
	{"POST", "/users/search", `{"term":"a","limit":-1}`, 400, badBody, "limit"},
	{"POST", "/users", "[]", 400, badBody, "user"},
	{"POST", "/users", `{"username":"zed","email":"z@example.com","password":"short"}`, 400, "model.user.is_valid.pwd_min_length.app_error", ""},
	{"POST", "/users", `{"username":"zed","email":"z@example.com","password":"Sunshine1"}`, 400, "model.user.is_valid.pwd_common.app_error", ""},
	{"POST", "/users", `{"username":"zed","email":"z@example.com","password":"        "}`, 400, "model.user.is_valid.pwd_simple.app_error", ""},
	{"POST", "/users", `{"username":"zedzedzed","email":"z@example.com","password":"ZedZedZed-1"}`, 400, "model.user.is_valid.pwd_username.app_error", ""},
	{"POST", "/users", `{"id":"x","username":"zed","email":"z@example.com","password":"Passw0rd!x1"}`, 400, "app.user.save.existing.app_error", ""},
	{"POST", "/users", `{"username":"z\u0000","email":"z@example.com","password":"Passw0rd!x1"}`, 400, "model.user.is_valid.username.app_error", ""},
	{"POST", "/users", `{"username":"zed","email":"z","password":"Passw0rd!x1"}`, 400, "model.user.is_valid.email.app_error", ""},
	{"POST", "/users", `{"username":"zed","email":"z@example.com","password":"Passw0rd!x1","nickname":"\u0000"}`, 400, "model.user.is_valid.nickname.app_error", ""},
	{"POST", "/users", `{"username":"bob","email":"z@example.com","password":"Passw0rd!x1"}`, 400, "app.user.save.username_exists.app_error", ""},
	{"POST", "/users", `{"username":"zed","email":"bob@example.com","password":"Passw0rd!x1"}`, 400, "app.user.save.email_exists.app_error", ""},
	{"PUT", "/users/BOB", "{", 400, badBody, "user"},
	{"PUT", "/users/BOB", `{"id":"ADMIN"}`, 400, badBody, "user_id"},
	{"PUT", "/users/BOB/patch", `{"locale":5}`, 400, badBody, "user"},
	{"PUT", "/users/BOB/patch", `{"locale":"\u0000"}`, 400, "model.user.is_valid.locale.app_error", ""},
	{"PUT", "/users/ADMIN/patch", `{"email":"new@example.com"}`, 400, badBody, "password"},
	{"PUT", "/users/ADMIN/password", "[", 400, badBody, "current_password"},
	{"PUT", "/users/BOB/password", `{"new_password":"bob@example.com"}`, 400, "model.user.is_valid.pwd_username.app_error", ""},
	{"PUT", "/users/BOB/password", `{"new_password":"Passw0rd"}`, 400, "model.user.is_valid.pwd_common.app_error", ""},
	{"PUT", "/users/BOB/password", `{"new_password":"short"}`, 400, "model.user.is_valid.pwd_min_length.app_error", ""},
	{"PUT", "/users/BOB/password", `{"new_password":"x","already_hashed":"true"}`, 400, "api.user.update_password.hash_form.app_error", ""},
	{"PUT", "/users/BOB/roles", "{}", 400, badBody, "roles"},
	{"PUT", "/users/BOB/roles", `{"roles":5}`, 400, badBody, "roles"},
	{"PUT", "/users/BOB/roles", `{"roles":"system_admin"}`, 400, badBody, "roles"},
	{"PUT", "/users/BOB/roles", `{"roles":"Bad!"}`, 400, badBody, "roles"},
	{"PUT", "/users/BOB/roles", `{"roles":"system_user nonsense"}`, 400, "app.role.check_roles_exist.role_not_found", ""},
	{"PUT", "/users/" + unknown + "/roles", `{"roles":"system_user"}`, 400, noUser, ""},
	{"PUT", "/users/ADMIN/roles", `{"roles":"system_user"}`, 400, "app.user.update.lastAdmin.app_error", ""},
	{"PUT", "/users/BOB/active", `{"active":"yes"}`, 400, badBody, "active"},
	{"PUT", "/users/BOB/active", `{}`, 400, badBody, "active"},
	{"DELETE", "/users/BOB?permanent=true", "", 401, "api.user.delete_user.not_enabled.app_error", ""},
	{"POST", "/users/BOB/sessions/revoke", "{}", 400, badBody, "session_id"},
	{"POST", "/users/BOB/sessions/revoke", `{"session_id":"` + unknown + `"}`, 400, "app.session.get.app_error", ""},
	{"GET", "/roles/xyz", "", 400, badURL, "role_id"},
	{"GET", "/roles/" + unknown, "", 404, "app.role.get.app_error", ""},
	{"GET", "/roles/name/nonsense", "", 404, "app.role.get_by_name.app_error", ""},
	{"GET", "/roles/name/Bad", "", 404, nowhere, ""},
	{"POST", "/roles/names", `{}`, 400, "api.payload.parse.error", ""},
	{"POST", "/roles/names", `[]`, 400, badBody, "rolenames"},
	{"POST", "/roles/names", `["A!"]`, 400, badBody, "rolename"},
	{"PUT", "/roles/" + unknown + "/patch", `{"permissions":[]}`, 404, "app.role.get.app_error", ""},
	{"PUT", "/roles/" + unknown + "/patch", `{}`, 400, badBody, "role"},
	{"POST", "/roles", `[]`, 400, badBody, "role"},
	{"POST", "/roles", `{"name":"A!"}`, 400, "app.role.save.invalid_role.app_error", ""},
	{"POST", "/bots", "[]", 400, badBody, "bot"},
	{"POST", "/bots", `{"username":"A b"}`, 400, "model.bot.is_valid.username.app_error", ""},
	{"POST", "/bots", `{"username":"botty","description":"\u0000"}`, 400, "model.bot.is_valid.description.app_error", ""},
	{"GET", "/bots/xyz", "", 400, badURL, "bot_user_id"},
	{"GET", "/bots/BOB", "", 404, "store.sql_bot.get.missing.app_error", ""},
	{"PUT", "/bots/BOB", `{"username":"x"}`, 404, "store.sql_bot.get.missing.app_error", ""},
	{"POST", "/bots/" + unknown + "/assign/xyz", "", 400, badURL, "user_id"},
}
