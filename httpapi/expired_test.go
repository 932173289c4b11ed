package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/jobs"
)

// limited returns a server on which an owner may hold three tokens.
func limited(t *testing.T, database string) *apitest.Server {
	settings := jeton.DefaultSettings()
	settings.MaxTokensPerOwner = 3
	return apitest.Start(t, apitest.Options{Database: database, Settings: &settings})
}

// lasting makes a token of the administrator that lasts for some time; 0: without an end.
func lasting(t *testing.T, s *apitest.Server, d time.Duration) apitest.Answer {
	t.Helper()
	in := map[string]any{"description": "x"}
	if d > 0 {
		in["expires_at"] = s.Clock.Now().Add(d).UnixMilli()
	}
	return ask(t, s, "POST", "/users/me/tokens", s.Admin, in)
}

func tokenCount(t *testing.T, s *apitest.Server) string {
	t.Helper()
	return ask(t, s, "GET", "/users/me/tokens", s.Admin, nil).Header.Get("X-Total-Count")
}

// Tokens that expired do not count towards the limit, and stay listed; disabled ones count.
func TestExpiredTokensDoNotCount(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := limited(t, database)
		var disabled struct{ ID string }
		s.Read(lasting(t, s, 0), 200, &disabled)
		s.Read(ask(t, s, "POST", "/users/tokens/disable", s.Admin, map[string]string{"token_id": disabled.ID}), 200, nil)
		lasting(t, s, time.Hour)
		lasting(t, s, 2*time.Hour)
		full := func() { refused(t, lasting(t, s, time.Hour), 400, "app.user_access_token.limit.app_error", "3") }
		full()
		s.Clock.Advance(time.Hour)
		if a := lasting(t, s, time.Hour); a.Status != 200 {
			t.Errorf("one has expired: %d %s", a.Status, a.Body)
		}
		full()
		if n := tokenCount(t, s); n != "4" {
			t.Errorf("%s are listed", n)
		}
		s.Clock.Advance(time.Hour)
		for range 2 {
			if a := lasting(t, s, 0); a.Status != 200 {
				t.Errorf("two have expired: %d %s", a.Status, a.Body)
			}
		}
		full()
	})
}

// An owner's expired tokens are bounded: the change that adds one more removes the oldest.
func TestExpiredTokensAreBounded(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := limited(t, database)
		var first struct{ ID, Token string }
		s.Read(lasting(t, s, time.Minute), 200, &first)
		for range 29 {
			s.Clock.Advance(time.Minute)
			lasting(t, s, time.Minute)
		}
		if n := tokenCount(t, s); n != "30" {
			t.Errorf("%s are listed", n)
		}
		for range 3 {
			s.Clock.Advance(time.Minute)
			if a := lasting(t, s, time.Minute); a.Status != 200 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if n := tokenCount(t, s); n != "30" {
				t.Errorf("%s are listed", n)
			}
		}
		if a := ask(t, s, "GET", "/users/tokens/"+first.ID, s.Admin, nil); a.Status != http.StatusNotFound {
			t.Errorf("the oldest: %d", a.Status)
		}
		mustBe(t, s, "its secret", first.Token, 401)
		if all := strings.Join(audits(t, s, 3), "\n"); !strings.Contains(all, "removed what had expired: "+first.ID) {
			t.Errorf("journal: %s", all)
		}
	})
}

// Tokens are removed 30 days after they expired, with an event that names each; two nodes
// that clean do no harm.
func TestExpiredTokensAreRemoved(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob := s.MakeUser("bob")
		s.MakeToken(bob.ID, "stays")
		day := 24 * time.Hour
		var ids []string
		var secret string
		for i, d := range []time.Duration{time.Hour, 2 * time.Hour, day} {
			var made struct{ ID, Token string }
			s.Read(ask(t, s, "POST", "/users/"+bob.ID+"/tokens", s.Admin, map[string]any{
				"description": "x", "expires_at": s.Clock.Now().Add(d).UnixMilli(),
			}), 200, &made)
			if i == 0 {
				secret = made.Token
			}
			ids = append(ids, made.ID)
		}
		mustBe(t, s, "before", secret, 200)
		clean := func(want string) {
			t.Helper()
			for range 2 {
				c := jobs.Cleaner{Store: s.Store, Tokens: s.Service, KeepRetired: 90, KeepExpired: 30, Clock: s.Clock.Now}
				if _, err := c.Clean(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			s.Admin = s.LogIn("admin")
			if n := ask(t, s, "GET", "/users/"+bob.ID+"/tokens", s.Admin, nil).Header.Get("X-Total-Count"); n != want {
				t.Errorf("%s are left, want %s", n, want)
			}
		}
		s.Clock.Advance(30 * day)
		clean("4")
		s.Clock.Advance(3 * time.Hour)
		clean("2")
		mustBe(t, s, "a removed one's secret", secret, 401)
		if got := audits(t, s, 3); !slices.Contains(got, "token.expire "+ids[0]+" with 1 more: "+ids[1]) {
			t.Errorf("journal: %q", got)
		}
		s.Clock.Advance(day)
		clean("1")
		if got := audits(t, s, 3); !slices.Contains(got, "token.expire "+ids[2]) {
			t.Errorf("journal: %q", got)
		}
	})
}
