package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
)

type session struct {
	ID             string
	DeviceID       string `json:"device_id"`
	CreateAt       int64  `json:"create_at"`
	ExpiresAt      int64  `json:"expires_at"`
	LastActivityAt int64  `json:"last_activity_at"`
	Props          map[string]string
}

// sessionsOf returns a user's sessions as the administrator sees them.
func sessionsOf(t *testing.T, s *apitest.Server, userID string) (all []session) {
	t.Helper()
	s.For(t).Read(ask(t, s, "GET", "/users/"+userID+"/sessions", s.Admin, nil), 200, &all)
	return all
}

// mustBe checks whether a secret is good.
func mustBe(t *testing.T, s *apitest.Server, what, secret string, status int) {
	t.Helper()
	if a := ask(t, s, "GET", "/users/me", secret, nil); a.Status != status {
		t.Errorf("%s: %d %s", what, a.Status, a.Body)
	}
}

// audits returns the newest events that an administrator sees: action and target, and the note.
func audits(t *testing.T, s *apitest.Server, n int) (all []string) {
	t.Helper()
	var events []struct {
		Action, Target string
		Info           string `json:"extra_info"`
	}
	a := ask(t, s, "GET", "/audits?per_page=100", s.LogIn("admin"), nil)
	if err := json.Unmarshal(a.Body, &events); err != nil {
		t.Fatalf("%s", a.Body)
	}
	for _, e := range events[1 : n+1] { // the first is the log-in above
		all = append(all, strings.TrimSpace(e.Action+" "+e.Target+" "+e.Info))
	}
	return all
}

// The end of everybody's sessions is one change. Tokens, and other nodes, are told apart.
func TestRevokeEverySession(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob := s.MakeUser("bob")
		tok := s.MakeToken(bob.ID, "stays")
		nodes := []*apitest.Server{s}
		if strings.HasPrefix(database, "postgres") {
			nodes = append(nodes, s.Another())
		}
		for _, n := range nodes {
			mustBe(t, n, "bob before", bob.Secret, 200)
			mustBe(t, n, "admin before", s.Admin, 200)
		}
		refused(t, ask(t, s, "POST", "/users/sessions/revoke/all", bob.Secret, nil), 403, "api.context.permissions.app_error", "")
		mustBe(t, s, "bob after the refusal", bob.Secret, 200)
		a := ask(t, s, "POST", "/users/sessions/revoke/all", s.Admin, nil)
		if a.Status != 200 || string(a.Body) != `{"status":"OK"}` || a.Header.Get("X-Jeton-Position") == "" {
			t.Fatalf("%d %s %v", a.Status, a.Body, a.Header)
		}
		for i, n := range nodes {
			if i > 0 {
				if err := n.Cache.Follow(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			mustBe(t, n, "bob", bob.Secret, 401)
			mustBe(t, n, "admin", s.Admin, 401)
			mustBe(t, n, "a token", tok.Secret, 200)
		}
		mustBe(t, s, "a new session", s.LogIn("bob"), 200)
		if got := audits(t, s, 2)[1]; got != "session.revoke_every every 2 sessions" {
			t.Errorf("journal: %q", got)
		}
	})
}

// A device is attached to the session of the request, and no other session has it.
func TestAttachDevice(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob := s.MakeUser("bob")
		first, second := bob.Secret, s.LogIn("bob")
		attach := func(secret string, body any) apitest.Answer {
			return ask(t, s, "PUT", "/users/sessions/device", secret, body)
		}
		phone := map[string]string{"device_id": "android_rn-v2:abc", "device_notification_disabled": "false", "mobile_version": "2.30.1+600"}
		for range 2 {
			if a := attach(first, phone); a.Status != 200 || string(a.Body) != `{"status":"OK"}` || a.Header.Get("Set-Cookie") != "" {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
		}
		before := sessionsOf(t, s, bob.ID)
		if len(before) != 2 || before[0].DeviceID+before[1].DeviceID != "android_rn-v2:abc" {
			t.Errorf("%+v", before)
		}
		if a := attach(second, phone); a.Status != 200 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		mustBe(t, s, "the session that had the device", first, 401)
		after := sessionsOf(t, s, bob.ID)
		if len(after) != 1 || after[0].DeviceID != "android_rn-v2:abc" || after[0].ExpiresAt != before[0].ExpiresAt && after[0].ExpiresAt != before[1].ExpiresAt {
			t.Errorf("%+v", after)
		}
		in := map[string]string{"login_id": "bob", "password": apitest.Password, "device_id": "android_rn-v2:abc"}
		third := ask(t, s, "POST", "/users/login", "", in).Header.Get("Token")
		mustBe(t, s, "the session that a log-in of the device replaces", second, 401)
		mustBe(t, s, "the new one", third, 200)

		tok := s.MakeToken(bob.ID, "t")
		if a := attach(tok.Secret, map[string]string{"device_id": "other"}); a.Status != 200 {
			t.Errorf("a token: %d %s", a.Status, a.Body)
		}
		s.Clock.Advance(400 * 24 * time.Hour)
		mustBe(t, s, "the token, much later", tok.Secret, 200)

		fourth := s.LogIn("bob")
		for name, c := range map[string]struct {
			body  any
			param string
		}{
			"notifications": {map[string]any{"device_notification_disabled": "maybe"}, "device_notification_disabled"},
			"version":       {map[string]any{"mobile_version": "v2"}, "mobile_version"},
			"long":          {map[string]any{"device_id": strings.Repeat("x", jeton.MaxDeviceID+1)}, "device_id"},
			"NUL":           {map[string]any{"device_id": "\x00"}, "device_id"},
		} {
			t.Run(name, func(t *testing.T) {
				refused(t, attach(fourth, c.body), 400, "api.context.invalid_body_param.app_error", c.param)
			})
		}
		if a := attach(fourth, map[string]any{}); a.Status != 200 {
			t.Errorf("nothing: %d %s", a.Status, a.Body)
		}
		refused(t, attach("", phone), 401, expired, "")
	})
}

// A log-in ends the session that its request came with, also another user's; a token stays, and a
// failed log-in ends nothing.
func TestLogInEndsPresentedSession(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob, alice := s.MakeUser("bob"), s.MakeUser("alice")
		tok := s.MakeToken(bob.ID, "t")
		logIn := func(h http.Header, password string) (string, int) {
			a := send(t, s, "POST", "/users/login", h, map[string]string{"login_id": "bob", "password": password})
			return a.Header.Get("Token"), a.Status
		}
		mustBe(t, s, "before", bob.Secret, 200)
		if _, status := logIn(bearer(bob.Secret), "wr0ng!pass"); status != 401 {
			t.Errorf("a wrong password: %d", status)
		}
		mustBe(t, s, "after a wrong password", bob.Secret, 200)
		second, _ := logIn(bearer(bob.Secret), apitest.Password)
		mustBe(t, s, "the same user's", bob.Secret, 401)
		mustBe(t, s, "its new one", second, 200)
		third, _ := logIn(http.Header{"Cookie": {"MMAUTHTOKEN=" + second}}, apitest.Password)
		mustBe(t, s, "in a cookie", second, 401)
		fourth, _ := logIn(bearer(alice.Secret), apitest.Password)
		mustBe(t, s, "another user's", alice.Secret, 401)
		for name, h := range map[string]http.Header{"token": bearer(tok.Secret), "ended": bearer(second), "nonsense": bearer("zzz"), "none": {}} {
			if _, status := logIn(h, apitest.Password); status != 200 {
				t.Errorf("with %s: %d", name, status)
			}
		}
		for name, secret := range map[string]string{"token": tok.Secret, "third": third, "fourth": fourth} {
			mustBe(t, s, name, secret, 200)
		}
	})
}

// A user has at most 100 sessions. The end of the oldest is an event of its own.
func TestOldestSessionEnds(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bob := s.MakeUser("bob")
	mustBe(t, s, "the first", bob.Secret, 200)
	oldest := sessionsOf(t, s, bob.ID)[0].ID
	for range 99 {
		s.Clock.Advance(time.Minute)
		s.LogIn("bob")
	}
	mustBe(t, s, "of 100", bob.Secret, 200)
	s.LogIn("bob")
	mustBe(t, s, "of 101", bob.Secret, 401)
	if n := len(sessionsOf(t, s, bob.ID)); n != 100 {
		t.Errorf("%d sessions", n)
	}
	if got := audits(t, s, 1)[0]; got != "session.end "+oldest+" the user has newer sessions" {
		t.Errorf("journal: %q", got)
	}
	s.Clock.Advance(31 * 24 * time.Hour)
	s.Admin = s.LogIn("admin")
	s.LogIn("bob")
	if n := len(sessionsOf(t, s, bob.ID)); n != 1 {
		t.Errorf("%d sessions, the others expired", n)
	}
}

func bearer(secret string) http.Header { return http.Header{"Authorization": {"Bearer " + secret}} }

// With Mattermost's form, the secrets of sessions have it too, and those of either form and
// kind stay what they are when the form changes.
func TestBareSessions(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		var secrets [2]struct{ session, token string }
		for i, bare := range []bool{false, true, false} {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				settings := jeton.DefaultSettings()
				settings.Secrets.Bare = bare
				s := apitest.Start(t, apitest.Options{Database: database, Settings: &settings})
				if i == 0 {
					s.MakeUser("bob")
				}
				me := userFields(t, ask(t, s, "GET", "/users/username/bob", s.Admin, nil), 200)["id"].(string)
				for j := range min(i, len(secrets)) {
					mustBe(t, s, "an earlier session", secrets[j].session, 200)
					mustBe(t, s, "an earlier token", secrets[j].token, 200)
				}
				if i == len(secrets) {
					return
				}
				a := send(t, s, "POST", "/users/login", http.Header{"X-Requested-With": {"XMLHttpRequest"}},
					map[string]string{"login_id": "bob", "password": apitest.Password})
				session, token := a.Header.Get("Token"), s.MakeToken(me, "t").Secret
				secrets[i].session, secrets[i].token = session, token
				if jeton.ValidID(session) != bare || jeton.ValidID(token) != bare || cookies(a)["MMAUTHTOKEN"].Value != session {
					t.Errorf("bare %v: %d characters", bare, len(session))
				}
				byCookie := http.Header{"Cookie": {"MMAUTHTOKEN=" + session}}
				if a := send(t, s, "GET", "/users/me", byCookie, nil); a.Status != 200 {
					t.Errorf("by cookie: %d", a.Status)
				}
				refused(t, send(t, s, "POST", "/users/me/sessions/revoke/all", byCookie, nil), 401, expired, "")
				byCookie.Set("X-CSRF-Token", jeton.CSRF(session))
				if a := send(t, s, "POST", "/users/ids", byCookie, []string{me}); a.Status != 200 {
					t.Errorf("by cookie, with CSRF: %d %s", a.Status, a.Body)
				}
			})
		}
	})
}

// In the bare form, sessions and tokens end as they do in the other.
func TestBareSecretsEnd(t *testing.T) {
	settings := jeton.DefaultSettings()
	settings.Secrets.Bare = true
	s := apitest.Start(t, apitest.Options{Settings: &settings})
	bob := s.MakeUser("bob")
	second := s.LogIn("bob")
	tok := s.MakeToken(bob.ID, "t")
	for _, secret := range []string{bob.Secret, second, tok.Secret} {
		mustBe(t, s, "before", secret, 200)
	}
	in := map[string]string{"login_id": "bob", "password": apitest.Password}
	third := send(t, s, "POST", "/users/login", bearer(second), in).Header.Get("Token")
	mustBe(t, s, "the session of the request", second, 401)
	send(t, s, "POST", "/users/login", bearer(tok.Secret), in)
	mustBe(t, s, "the token of the request", tok.Secret, 200)
	s.Read(s.Do("POST", "/users/logout", bob.Secret, nil), 200, nil)
	mustBe(t, s, "after the log-out", bob.Secret, 401)
	s.Read(s.Do("POST", "/users/logout", tok.Secret, nil), 200, nil)
	mustBe(t, s, "a token after a log-out", tok.Secret, 200)
	if _, err := s.Service.RevokeSecret(t.Context(), third, ""); err != nil {
		t.Fatal(err)
	}
	mustBe(t, s, "a session ended by its secret", third, 401)
	s.Read(s.Do("POST", "/users/tokens/revoke", s.Admin, map[string]string{"token_id": tok.ID}), 200, nil)
	mustBe(t, s, "a revoked token", tok.Secret, 401)
	mustBe(t, s, "one that never was", "abcdefghijkmnopqrstuwxyz13", 401)
}
