package jeton_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/pgtest"
)

// An incomplete event is a bug of the use case: the change fails and is rolled back.
func TestWriteNeedsTargetAndAction(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		for _, tt := range []struct {
			action jeton.Action
			target string
		}{{jeton.UserCreate, ""}, {"", "x"}} {
			before := head(t, s)
			u := jeton.User{ID: jeton.NewID(time.Now(), rand.Reader), Username: "ann", Email: "ann@example.com", CreateAt: 1, UpdateAt: 1}
			receipt, err := s.Service.Write(t.Context(), jeton.Local(), tt.action, func(tx jeton.Tx) (jeton.Event, error) {
				return jeton.Event{Target: tt.target}, tx.AddUser(u)
			})
			// The service refuses the event, before the store does.
			if _, ours := errors.AsType[*jeton.Error](err); !ours || jeton.CodeOf(err) != jeton.CodeInternal || receipt != (jeton.Receipt{}) {
				t.Errorf("action %q, target %q: %v, %v", tt.action, tt.target, receipt, err)
			}
			if _, err := s.Store.User(t.Context(), u.ID); !errors.Is(err, jeton.ErrNotFound) {
				t.Errorf("the user was written: %v", err)
			}
			if after := head(t, s); after != before {
				t.Errorf("the journal went from %v to %v", before, after)
			}
		}
	})
}

// A change that has nothing to do succeeds, with the position at which it checked.
func TestWriteUnchanged(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	before := head(t, s)
	receipt, err := s.Service.Write(t.Context(), jeton.Local(), jeton.UserUpdate, func(jeton.Tx) (jeton.Event, error) {
		return jeton.Event{}, jeton.ErrUnchanged
	})
	if err != nil || receipt != jeton.Receipt(before) || head(t, s) != before {
		t.Errorf("%v, %v at %v; now at %v", receipt, err, before, head(t, s))
	}
}

// again is a store that runs each failed change a second time, as a store does that repeats a
// group of changes.
type again struct{ jeton.Store }

func (s again) Change(ctx context.Context, p jeton.Prefetch, fn func(jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	return s.Store.Change(ctx, p, func(tx jeton.Tx) (jeton.Event, error) {
		e, err := fn(tx)
		if err != nil {
			return fn(tx)
		}
		return e, err
	})
}

// A refusal inside a change is counted once, also if the store runs the change several times,
// and also if the answer hides the refusal.
func TestRefusalIsCountedOnce(t *testing.T) {
	s := apitest.Start(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { return again{in} }})
	bot, ann, tok := s.MakeBot("robot"), s.MakeUser("ann"), s.MakeToken(s.AdminID, "the administrator's")
	s.Read(s.Do("POST", "/bots/"+bot+"/disable", ann.Secret, nil), 404, nil)
	s.Read(s.Do("POST", "/users/tokens/revoke", ann.Secret, map[string]string{"token_id": tok.ID}), 403, nil)
	ended, end := context.WithCancel(t.Context())
	end()
	s.Service.Run(ended)                                      // writes the counts
	s.Read(s.Do("GET", "/audits", ann.Secret, nil), 403, nil) // its line comes after all of them
	counted := map[jeton.Action]int{}
	for until := time.Now().Add(10 * time.Second); counted[jeton.AuditListAll] == 0 && time.Now().Before(until); {
		events, err := s.Store.Events(t.Context(), jeton.EventFilter{Actor: ann.ID}, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		clear(counted)
		for _, e := range events {
			if e.Detail.Refused {
				counted[e.Action] += max(1, e.Detail.Count)
			}
		}
	}
	if len(counted) != 3 || counted[jeton.BotDisable] != 1 || counted[jeton.TokenRevoke] != 1 {
		t.Errorf("counted %v", counted)
	}
}

// twice is a store that runs each change a first time for nothing, as a store does of which a
// neighbour in the group failed.
type twice struct{ jeton.Store }

var errAgain = errors.New("once more")

func (s twice) Change(ctx context.Context, p jeton.Prefetch, fn func(jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	_, _, err := s.Store.Change(ctx, p, func(tx jeton.Tx) (jeton.Event, error) {
		if _, err := fn(tx); err != nil {
			return jeton.Event{}, err
		}
		return jeton.Event{}, errAgain
	})
	if err != nil && !errors.Is(err, errAgain) {
		return jeton.Event{}, jeton.Head{}, err
	}
	return s.Store.Change(ctx, p, fn)
}

// A change that the store runs twice has the outcome, and the event, of one that ran once.
func TestChangesRunTwice(t *testing.T) {
	play := func(wrap func(jeton.Store) jeton.Store) (events []string) {
		s := apitest.Start(t, apitest.Options{Wrap: wrap})
		ann, bot := s.MakeUser("ann"), s.MakeBot("robot")
		tok := s.MakeToken(s.AdminID, "x")
		var made struct{ ID, Token string }
		s.Read(s.Do("POST", "/users/me/tokens", tok.Secret, map[string]string{"description": "made"}), 200, &made)
		s.Read(s.Do("GET", "/users/me", made.Token, nil), 200, nil)
		for _, c := range []struct {
			method, path, body string
			status             int
		}{
			{"PUT", "/users/" + ann.ID + "/patch", `{"nickname":"A"}`, 200},
			{"PUT", "/users/" + ann.ID + "/roles", `{"roles":"system_user system_user_access_token"}`, 200},
			{"PUT", "/users/" + ann.ID + "/password", `{"new_password":"Other-Passw0rd"}`, 200},
			{"POST", "/bots/" + bot + "/assign/" + ann.ID, ``, 200},
			{"PUT", "/users/" + ann.ID + "/active", `{"active":false}`, 200},
			{"PUT", "/users/" + ann.ID + "/active", `{"active":false}`, 200},
			{"POST", "/users/tokens/disable", `{"token_id":"` + tok.ID + `"}`, 200},
			{"POST", "/users/tokens/enable", `{"token_id":"` + tok.ID + `"}`, 200},
			{"POST", "/users/tokens/revoke", `{"token_id":"` + tok.ID + `"}`, 200},
			{"POST", "/roles", `{"name":"deployer","permissions":["deploy:read"]}`, 201},
		} {
			s.Read(s.Do(c.method, c.path, s.Admin, json.RawMessage(c.body)), c.status, nil)
		}
		all, err := s.Store.Events(t.Context(), jeton.EventFilter{}, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			text := fmt.Sprint(e.Action, len(e.Target), len(e.Detail.Owner), e.Detail.Note, len(e.Detail.Changes), e.Detail.Refused)
			events = append(events, text)
		}
		return events
	}
	once := play(nil)
	again := play(func(s jeton.Store) jeton.Store { return twice{s} })
	if !slices.Equal(once, again) || len(once) < 10 {
		t.Errorf("once:\n%s\ntwice:\n%s", strings.Join(once, "\n"), strings.Join(again, "\n"))
	}
}

func head(t *testing.T, s *apitest.Server) jeton.Head {
	t.Helper()
	h, err := s.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestMain(m *testing.M) { pgtest.Main(m) }
