package jeton_test

import (
	"context"
	"crypto/rand"
	"errors"
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

func head(t *testing.T, s *apitest.Server) jeton.Head {
	t.Helper()
	h, err := s.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestMain(m *testing.M) { pgtest.Main(m) }
