package jeton_test

import (
	"slices"
	"sync"
	"testing"

	"jeton"
	"jeton/apitest"
)

// The log-in that is one too many ends the oldest session, with an event of its own. So do
// log-ins at the same time: no session ends without an event.
func TestSessionPushedOut(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		ann := s.MakeUser("ann")
		logIn := func() {
			in := jeton.LogIn{LoginID: "ann", Password: apitest.Password, Address: "192.0.2.1", Network: "192.0.2.1"}
			if _, _, err := s.Service.LogIn(t.Context(), in); err != nil {
				t.Error(err)
			}
		}
		sessions := func() (ids []string) {
			all, err := s.Store.SessionsOf(t.Context(), ann.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, session := range all {
				ids = append(ids, session.ID)
			}
			slices.Sort(ids)
			return ids
		}
		ended := func() (ids []string) {
			events, err := s.Store.Events(t.Context(), jeton.EventFilter{Action: jeton.SessionEnd}, 0, 200)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if e.Actor != ann.ID || e.Detail.Owner != ann.ID || e.Detail.Note == "" || e.Detail.Address != "192.0.2.1" {
					t.Errorf("%+v", e)
				}
				ids = append(ids, e.Target)
			}
			return ids
		}
		first := sessions()
		for range 99 {
			logIn()
		}
		before := sessions()
		if len(before) != 100 || len(ended()) != 0 {
			t.Fatalf("%d sessions, %d ended", len(before), len(ended()))
		}
		logIn()
		if got := ended(); !slices.Equal(got, first) || len(sessions()) != 100 {
			t.Errorf("ended %v, want %v; %d left", got, first, len(sessions()))
		}
		s.Read(s.Do("GET", "/users/me", ann.Secret, nil), 401, nil)
		before = append(before, sessions()...)
		var all sync.WaitGroup
		for range 8 {
			all.Go(logIn)
		}
		all.Wait()
		after, gone := sessions(), ended()
		if len(after) != 100 || len(gone) != 9 {
			t.Errorf("%d sessions, %d ended", len(after), len(gone))
		}
		for _, id := range before {
			if slices.Contains(after, id) == slices.Contains(gone, id) {
				t.Errorf("session %s: is there and ended, or neither", id)
			}
		}
	})
}
