package httpapi_test

import (
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
)

// idleServer returns a server whose sessions end when they are not used for ten minutes.
func idleServer(t *testing.T, database string) *apitest.Server {
	settings := jeton.DefaultSettings()
	settings.SessionIdle = 10 * time.Minute
	return apitest.Start(t, apitest.Options{Database: database, Settings: &settings})
}

// later moves the clock on; the node reads the journal, so that its cache is in use again.
func later(t *testing.T, s *apitest.Server, d time.Duration, cached bool) {
	t.Helper()
	s.Clock.Advance(d)
	if !cached {
		return
	}
	if err := s.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A session ends when it is not used, and no earlier; from the cache and from the database.
func TestIdle(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		for _, cached := range []bool{true, false} {
			s := idleServer(t, database)
			database = "" // for the second server
			bob := s.MakeUser("bob")
			tok := s.MakeToken(bob.ID, "t")
			for range 5 {
				later(t, s, 30*time.Second, cached)
				mustBe(t, s, "twice in a step", bob.Secret, 200)
				later(t, s, 9*time.Minute+58*time.Second, cached)
				mustBe(t, s, "used", bob.Secret, 200)
			}
			later(t, s, 10*time.Minute, cached)
			for range 2 {
				refused(t, ask(t, s, "GET", "/users/me", bob.Secret, nil), 401, expired, "")
			}
			mustBe(t, s, "a token", tok.Secret, 200)
			mustBe(t, s, "a new session", s.LogIn("bob"), 200)
		}
	})
}

// What changes a user does not make the node forget when the user's session was used.
func TestIdleAfterChange(t *testing.T) {
	s := idleServer(t, "")
	bob := s.MakeUser("bob")
	mustBe(t, s, "first", bob.Secret, 200)
	later(t, s, 9*time.Minute, true)
	mustBe(t, s, "used", bob.Secret, 200)
	bob2 := s.MakeToken(bob.ID, "t")
	s.Do("POST", "/users/tokens/disable", bob.Secret, map[string]string{"token_id": bob2.ID})
	s.Read(s.Do("PUT", "/users/me/patch", bob.Secret, map[string]string{"nickname": "B"}), 200, nil)
	later(t, s, 9*time.Minute, true)
	mustBe(t, s, "used 9 minutes ago", bob.Secret, 200)
}

// The last activity is in the list of sessions, and no write goes back.
func TestLastActivity(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		bob := s.MakeUser("bob")
		mustBe(t, s, "first", bob.Secret, 200)
		s.Clock.Advance(time.Hour)
		mustBe(t, s, "an hour later", bob.Secret, 200)
		if err := s.Activity.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		x := sessionsOf(t, s, bob.ID)[0]
		if passed := x.LastActivityAt - x.CreateAt; passed < time.Hour.Milliseconds() || passed > 2*time.Hour.Milliseconds() {
			t.Errorf("%d ms after the log-in", passed)
		}
		old := []jeton.Activity{{SessionID: x.ID, At: x.CreateAt + 1}, {SessionID: "none", At: 1}, {SessionID: "\xff", At: 1}}
		if err := s.Store.SetActivity(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		if again := sessionsOf(t, s, bob.ID)[0]; again.LastActivityAt != x.LastActivityAt {
			t.Errorf("went back to %d", again.LastActivityAt)
		}
	})
}

// A use on one node keeps the session on another, once it is written. Until then the other
// node ends it: early, not late.
func TestIdleOnTwoNodes(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		if !strings.HasPrefix(database, "postgres") {
			t.Skip("one node alone")
		}
		a := idleServer(t, database)
		b := a.Another()
		bob := a.MakeUser("bob")
		mustBe(t, a, "here", bob.Secret, 200)
		mustBe(t, b, "there", bob.Secret, 200)
		for _, written := range []bool{true, false} {
			a.Clock.Advance(6 * time.Minute)
			mustBe(t, a, "used here", bob.Secret, 200)
			if written {
				if err := a.Activity.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			a.Clock.Advance(6 * time.Minute)
			for _, n := range []*apitest.Server{a, b} {
				if err := n.Cache.Follow(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			want := map[bool]int{true: 200, false: 401}[written]
			mustBe(t, b, "there, 12 minutes after its own last use", bob.Secret, want)
			mustBe(t, a, "here", bob.Secret, 200)
			if written {
				if err := b.Activity.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// Sessions that are over are not listed.
func TestIdleIsNotListed(t *testing.T) {
	s := idleServer(t, "")
	s.MakeUser("bob")
	second := s.LogIn("bob")
	for range 2 {
		s.Clock.Advance(7 * time.Minute)
		mustBe(t, s, "used", second, 200)
	}
	var all []session
	s.Read(ask(t, s, "GET", "/users/me/sessions", second, nil), 200, &all)
	if len(all) != 1 {
		t.Errorf("%+v", all)
	}
}
