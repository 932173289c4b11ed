package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton"
	"jeton/apitest"
)

// text returns the body of an answer that is 200.
func text(t *testing.T, a apitest.Answer) string {
	t.Helper()
	if a.Status != http.StatusOK {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	return strings.TrimSpace(string(a.Body))
}

// The numbers of users, on both engines.
func TestCounts(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob, gone := s.MakeUser("bob"), s.MakeUser("gone")
		alone := s.MakeUser("alone", "system_user")
		s.MakeBot("robot")
		s.Read(s.Do("PUT", "/users/"+gone.ID+"/active", s.Admin, map[string]bool{"active": false}), 200, nil)
		s.Read(s.Do("PUT", "/users/"+alone.ID+"/roles", s.Admin, map[string]string{"roles": ""}), 200, nil)
		for path, want := range map[string]int{
			"/users/stats": 3, "/users/stats/filtered": 3, "/users/stats/filtered?include_deleted=true": 4,
			"/users/stats/filtered?include_bots=true": 4, "/users/stats/filtered?roles=system_admin": 1,
			"/users/stats/filtered?roles=system_admin,system_user": 2, "/users/stats/filtered?roles=nonsense": 0,
			"/users/stats/filtered?in_team=x": 0, "/users/stats/filtered?in_channel=x&roles=system_user": 0,
			"/users/stats/filtered?team_roles=nonsense": 3,
		} {
			if got := text(t, ask(t, s, "GET", path, s.Admin, nil)); got != `{"total_users_count":`+strconv.Itoa(want)+`}` {
				t.Errorf("%s: %s, want %d", path, got, want)
			}
		}
		for secret, want := range map[string]int{bob.Secret: 3, alone.Secret: 1} {
			if got := text(t, ask(t, s, "GET", "/users/stats", secret, nil)); got != `{"total_users_count":`+strconv.Itoa(want)+`}` {
				t.Errorf("stats: %s, want %d", got, want)
			}
		}
		for secret, want := range map[string]int{s.Admin: 3, bob.Secret: 0} {
			var limits map[string]int
			s.Read(ask(t, s, "GET", "/limits/server", secret, nil), 200, &limits)
			if limits["activeUserCount"] != want || limits["maxUsersLimit"] != 0 {
				t.Errorf("limits: %v", limits)
			}
		}
	})
}

func TestAutocomplete(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bob := s.MakeUser("bob")
	s.MakeUser("bobby")
	gone := s.MakeUser("bobo")
	s.Read(s.Do("PUT", "/users/"+gone.ID+"/active", s.Admin, map[string]bool{"active": false}), 200, nil)
	for query, want := range map[string]string{
		"name=bo": "bob bobby", "name=BOBB": "bobby", "name=bo&limit=1": "bob", "name=bo&limit=0": "", "name=bo&limit=-1": "",
		"name=bo&limit=x": "", "name=bo&limit=99999": "bob bobby", "name=%25": "", "name=b_b": "", "name=%00": "",
		"name=": "admin bob bobby", "name=bo&in_team=x": "", "name=bo&in_channel=x": "",
	} {
		var got struct {
			Users []struct{ Username string } `json:"users"`
		}
		s.Read(ask(t, s, "GET", "/users/autocomplete?"+query, s.Admin, nil), 200, &got)
		var found []string
		for _, u := range got.Users {
			found = append(found, u.Username)
		}
		if strings.Join(found, " ") != want || got.Users == nil {
			t.Errorf("%s: %v, want %s", query, found, want)
		}
	}
	refused(t, ask(t, s, "GET", "/users/autocomplete?name=bo&in_team=x", bob.Secret, nil), 403, denied, "")
}

// What a stock client asks for after its log-in and has not got here is an empty list, of an
// unknown user too.
func TestEmptyLists(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bob, alice := s.MakeUser("bob"), s.MakeUser("alice")
	if got := text(t, ask(t, s, "GET", "/users/known", bob.Secret, nil)); got != "[]" {
		t.Errorf("known: %s", got)
	}
	for _, list := range []string{"teams", "teams/members", "teams/unread", "preferences"} {
		for path, secret := range map[string]string{
			"/users/me/": bob.Secret, "/users/" + bob.ID + "/": bob.Secret, "/users/" + alice.ID + "/": s.Admin, "/users/" + unknown + "/": s.Admin,
		} {
			if got := text(t, ask(t, s, "GET", path+list, secret, nil)); got != "[]" {
				t.Errorf("%s%s: %s", path, list, got)
			}
		}
		refused(t, ask(t, s, "GET", "/users/"+alice.ID+"/"+list, bob.Secret, nil), 403, denied, "")
	}
}

func TestLicense(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	if got := text(t, ask(t, s, "GET", "/license/client?format=old", "", nil)); got != `{"IsLicensed":"false"}` {
		t.Error(got)
	}
	refused(t, ask(t, s, "GET", "/license/client", "", nil), 400, "api.license.client.old_format.app_error", "")
	refused(t, ask(t, s, "GET", "/license/client?format=OLD", "", nil), 400, badBody, "format")
}

// The answer tells nothing about who exists.
func TestLogInType(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for _, body := range []any{
		nil, "[",
		map[string]string{},
		map[string]string{"login_id": "admin"},
		map[string]string{"login_id": "nobody"},
		map[string]string{"id": s.AdminID},
	} {
		if got := text(t, ask(t, s, "POST", "/users/login/type", "", body)); got != `{"auth_service":""}` {
			t.Errorf("%v: %s", body, got)
		}
	}
}

func TestAncillary(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	var got []string
	in := []string{"x", "sysconsole_write_user_management_users", "create_post", "sysconsole_read_user_management_users"}
	s.Read(ask(t, s, "POST", "/permissions/ancillary", s.MakeUser("bob").Secret, in), 200, &got)
	want := append(in, "edit_other_users", "demote_to_guest", "promote_guest", "read_other_users_teams", "get_analytics")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The configuration holds the settings, and neither a secret nor where the data is.
func TestConfig(t *testing.T) {
	settings := jeton.DefaultSettings()
	settings.OpenSignup, settings.TokensEnabled = true, false
	public, _ := url.Parse("https://name:hidden@tokens.example.org/jeton/")
	s := apitest.Start(t, apitest.Options{Settings: &settings, Public: public})
	a := ask(t, s, "GET", "/config", s.Admin, nil)
	var got map[string]map[string]any
	s.Read(a, 200, &got)
	for setting, want := range map[string]any{
		"ServiceSettings.EnableUserAccessTokens": false, "ServiceSettings.SiteURL": "https://tokens.example.org/jeton",
		"ServiceSettings.EnableBotAccountCreation": true, "ServiceSettings.SessionLengthWebInHours": 720.0,
		"ServiceSettings.MaximumLoginAttempts": 10.0, "TeamSettings.EnableOpenServer": true, "PasswordSettings.MinimumLength": 8.0,
		"GuestAccountsSettings.Enable": false,
	} {
		section, name, _ := strings.Cut(setting, ".")
		if got[section][name] != want {
			t.Errorf("%s: %v, want %v", setting, got[section][name], want)
		}
	}
	for _, secret := range []string{"hidden", ".db", "postgres", apitest.Password} {
		if strings.Contains(string(a.Body), secret) {
			t.Errorf("it holds %s: %s", secret, a.Body)
		}
	}
	if client := text(t, ask(t, s, "GET", "/config/client", "", nil)); strings.Contains(client, "hidden") {
		t.Errorf("%s", client)
	}
	if got := text(t, ask(t, s, "GET", "/server_busy", s.Admin, nil)); got != `{"busy":false,"expires":0}` {
		t.Error(got)
	}
}

// An error about one of several values names it, but never a long one whole.
func TestErrorNamesTheValue(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	long := strings.Repeat("é", 100)
	for query, want := range map[string]string{
		"role=nosuch": "nosuch", "roles=system_user,nosuch": "nosuch", "role=" + url.QueryEscape(long): strings.Repeat("é", 64),
		"active=true&inactive=true": "",
	} {
		var e struct{ Value string }
		if err := json.Unmarshal(ask(t, s, "GET", "/users?"+query, s.Admin, nil).Body, &e); err != nil || e.Value != want {
			t.Errorf("%s: %q, want %q, %v", query, e.Value, want, err)
		}
	}
}

// A bot is 304 for the ETag that Mattermost's clients compute by themselves.
func TestBotETag(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bot := s.MakeBot("robot")
	tag := func() string {
		var b struct {
			UserID   string `json:"user_id"`
			UpdateAt int64  `json:"update_at"`
		}
		s.Read(ask(t, s, "GET", "/bots/"+bot, s.Admin, nil), 200, &b)
		return b.UserID + "." + strconv.FormatInt(b.UpdateAt, 10)
	}
	status := func(tag string) int {
		return send(t, s, "GET", "/bots/"+bot, http.Header{"Authorization": {"Bearer " + s.Admin}, "If-None-Match": {tag}}, nil).Status
	}
	first := tag()
	for sent, want := range map[string]int{
		"11.6.0." + first: 304, `"11.6.0.` + first + `"`: 304, `W/"x", 11.9.0.` + first: 304,
		first: 200, "11.6.0." + first + "0": 200, "11.6.0." + bot + ".1": 200, "": 200,
	} {
		if got := status(sent); got != want {
			t.Errorf("%s: %d, want %d", sent, got, want)
		}
	}
	s.Clock.Advance(1e9)
	s.Read(s.Do("PUT", "/bots/"+bot, s.Admin, map[string]string{"display_name": "R"}), 200, nil)
	if got := status("11.6.0." + first); got != 200 || tag() == first {
		t.Errorf("after a change: %d", got)
	}
}
