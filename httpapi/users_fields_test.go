package httpapi_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

// userFields returns the fields of a user that an answer holds.
func userFields(t *testing.T, a apitest.Answer, status int) map[string]any {
	t.Helper()
	var u map[string]any
	if err := json.Unmarshal(a.Body, &u); err != nil || a.Status != status {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return u
}

// Only an administrator can say that an address is verified, only at creation, and a new
// address is not verified.
func TestEmailVerified(t *testing.T) {
	settings := jeton.DefaultSettings()
	settings.OpenSignup = true
	s := apitest.Start(t, apitest.Options{Settings: &settings})
	bob := s.MakeUser("bob")
	create := func(secret, name string) map[string]any {
		return userFields(t, ask(t, s, "POST", "/users", secret, map[string]any{
			"username": name, "email": name + "@example.com", "password": apitest.Password, "email_verified": true,
			"last_login": 5, "failed_attempts": 7,
		}), 201)
	}
	for name, secret := range map[string]string{"u1": "", "u2": bob.Secret, "u3": s.Admin} {
		u := create(secret, name)
		if got := u["email_verified"] == true; got != (secret == s.Admin) || u["last_login"] != nil || u["failed_attempts"] != nil {
			t.Errorf("%s: %v", name, u)
		}
	}
	u4 := create(s.Admin, "u4")["id"].(string)
	path := "/users/" + u4
	see := func(secret string) any {
		return userFields(t, ask(t, s, "GET", path, secret, nil), 200)["email_verified"]
	}
	if see(s.Admin) != true || see(s.LogIn("u4")) != true || see(bob.Secret) != nil {
		t.Errorf("seen: %v %v %v", see(s.Admin), see(s.LogIn("u4")), see(bob.Secret))
	}
	patch := func(body map[string]any) any {
		return userFields(t, ask(t, s, "PUT", path+"/patch", s.Admin, body), 200)["email_verified"]
	}
	if got := patch(map[string]any{"nickname": "U", "email": "U4@example.com "}); got != true {
		t.Errorf("the same address: %v", got)
	}
	if got := patch(map[string]any{"email": "other@example.com"}); got != nil {
		t.Errorf("another address: %v", got)
	}
	if got := patch(map[string]any{"email_verified": true}); got != nil {
		t.Errorf("a patch verified it: %v", got)
	}
}

// A time zone is what was sent, as a whole, or the default.
func TestTimezone(t *testing.T) {
	standard := map[string]any{"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"}
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob, alice := s.MakeUser("bob"), s.MakeUser("alice")
		see := func(want map[string]any) {
			t.Helper()
			for _, secret := range []string{bob.Secret, alice.Secret, s.Admin} {
				u := userFields(t, ask(t, s, "GET", "/users/"+bob.ID, secret, nil), 200)
				if !reflect.DeepEqual(u["timezone"], any(want)) {
					t.Errorf("%v, want %v", u["timezone"], want)
				}
			}
		}
		patch := func(timezone any) apitest.Answer {
			return ask(t, s, "PUT", "/users/me/patch", bob.Secret, map[string]any{"timezone": timezone})
		}
		see(standard)
		athens := map[string]any{"useAutomaticTimezone": "false", "manualTimezone": "Europe/Athens", "automaticTimezone": ""}
		for _, zone := range []map[string]any{athens, {"manualTimezone": "Asia/Tokyo"}, {"own": "漢"}, {}} {
			userFields(t, patch(zone), 200)
			see(zone)
		}
		userFields(t, patch(athens), 200)
		userFields(t, patch(nil), 200)
		long := map[string]string{"manualTimezone": strings.Repeat("a", 256-len(`{"manualTimezone":""}`)+1)}
		refused(t, patch(long), 400, "model.user.is_valid.timezone_limit.app_error", "")
		refused(t, patch(map[string]string{"a": "\x00"}), 400, "model.user.is_valid.timezone_limit.app_error", "")
		if a := ask(t, s, "PUT", "/users/me/patch", bob.Secret, map[string]any{"timezone": map[string]any{"manualTimezone": 5}}); a.Status != 400 {
			t.Errorf("a number: %d %s", a.Status, a.Body)
		}
		see(athens)
		body := map[string]any{"id": bob.ID, "username": "bob", "email": "bob@example.com"}
		userFields(t, ask(t, s, "PUT", "/users/"+bob.ID, bob.Secret, body), 200)
		see(athens) // a whole user without a time zone keeps it
		body["timezone"] = map[string]string{"manualTimezone": long["manualTimezone"][1:]}
		userFields(t, ask(t, s, "PUT", "/users/"+bob.ID, bob.Secret, body), 200)
		see(map[string]any{"manualTimezone": long["manualTimezone"][1:]})
		made := userFields(t, ask(t, s, "POST", "/users", s.Admin, map[string]any{
			"username": "u1", "email": "u1@example.com", "password": apitest.Password, "timezone": athens,
		}), 201)
		if !reflect.DeepEqual(made["timezone"], any(athens)) {
			t.Errorf("a new user: %v", made["timezone"])
		}
	})
}
