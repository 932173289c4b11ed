package jeton_test

import (
	"net/http"
	"testing"

	"jeton"
	"jeton/apitest"
)

// Every way to make a change leaves one event, with its time and with the actor, the
// credential and the address that it was made from.
func TestEventSaysWhoAndFromWhere(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		settings := jeton.DefaultSettings()
		settings.OpenSignup = true
		s := apitest.Start(t, apitest.Options{Database: database, Settings: &settings})
		session, err := s.Cache.Actor(t.Context(), s.Admin)
		if err != nil {
			t.Fatal(err)
		}
		tok := s.MakeToken(s.AdminID, "x")
		bob := map[string]string{"username": "bob", "email": "bob@example.com", "password": apitest.Password}
		role := map[string]string{"name": "deployer"}
		login := map[string]string{"login_id": "bob", "password": apitest.Password}
		form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

		var signedUp struct{ ID string }
		made := newest(t, s, func() { s.Read(s.Do("POST", "/users", "", bob), 201, &signedUp) })
		checkEvent(t, made, jeton.Event{Action: jeton.UserCreate, Actor: signedUp.ID, Target: signedUp.ID})
		made = newest(t, s, func() { s.Read(s.Do("POST", "/users/login", "", login), 200, nil) })
		checkEvent(t, made, jeton.Event{Action: jeton.SessionCreate, Actor: signedUp.ID, Via: "session:" + made.Target, Target: made.Target})
		made = newest(t, s, func() { s.Read(s.Do("POST", "/bots", s.Admin, map[string]string{"username": "robot"}), 201, nil) })
		checkEvent(t, made, jeton.Event{Action: jeton.BotCreate, Actor: s.AdminID, Via: "session:" + session.ViaID, Target: made.Target})
		made = newest(t, s, func() { s.Read(s.Do("POST", "/roles", tok.Secret, role), 201, nil) })
		checkEvent(t, made, jeton.Event{Action: jeton.RoleCreate, Actor: s.AdminID, Via: "token:" + tok.ID, Target: made.Target})
		made = newest(t, s, func() { s.Read(s.SendTo("POST", "/oauth2/revoke", form, "token="+tok.Secret), 200, nil) })
		checkEvent(t, made, jeton.Event{Action: jeton.TokenRevoke, Actor: s.AdminID, Via: "token:" + tok.ID, Target: tok.ID})
	})
}

// newest returns the one event that a change leaves.
func newest(t *testing.T, s *apitest.Server, change func()) jeton.Event {
	t.Helper()
	before := head(t, s)
	change()
	events, _, err := s.Store.EventsAfter(t.Context(), before.Position, 10)
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return events[0]
}

// checkEvent checks an event of a client on this machine.
func checkEvent(t *testing.T, got, want jeton.Event) {
	t.Helper()
	if got.Action != want.Action || got.Actor != want.Actor || got.Via != want.Via || got.Target != want.Target || want.Target == "" {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.At == 0 || got.Detail.Address != "127.0.0.1" || got.Detail.Refused {
		t.Errorf("%s: at %d from %q, refused %v", got.Action, got.At, got.Detail.Address, got.Detail.Refused)
	}
}
