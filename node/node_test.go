package node_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/authn"
	"jeton/pgtest"
	"jeton/sqlstore"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// counted is a store that counts the look-ups of credentials.
type counted struct {
	jeton.Store
	lookups atomic.Int64
}

func (s *counted) Credential(ctx context.Context, d jeton.Digest, k jeton.Kind) (jeton.Credential, error) {
	s.lookups.Add(1)
	return s.Store.Credential(ctx, d, k)
}

// remember sends requests with a token until the node answers one from memory.
func remember(t *testing.T, s *apitest.Server, secret string) {
	t.Helper()
	lookups := &s.Store.(*counted).lookups
	for until := time.Now().Add(apitest.Within(10 * time.Second)); time.Now().Before(until); {
		before := lookups.Load()
		s.Read(s.Do("GET", "/users/me", secret, nil), http.StatusOK, nil)
		if lookups.Load() == before {
			return
		}
	}
	t.Fatal("the node does not answer from memory")
}

// TestThreeNodes: a token that is revoked on one node is refused by each request that
// another node gets later than the lease, although the others have it in memory.
func TestThreeNodes(t *testing.T) {
	one := apitest.Start(t, apitest.Options{
		Database: pgtest.URL(t), Wrap: func(in jeton.Store) jeton.Store { return &counted{Store: in} },
	})
	two, three := one.Another(), one.Another()
	tok := one.MakeToken(one.AdminID, "revoked")
	for _, s := range []*apitest.Server{one, two, three} {
		remember(t, s, tok.Secret)
	}
	one.Read(one.Do("POST", "/users/tokens/revoke", one.Admin, map[string]string{"token_id": tok.ID}), http.StatusOK, nil)
	revoked := time.Now()
	if a := one.Do("GET", "/users/me", tok.Secret, nil); a.Status != http.StatusUnauthorized {
		t.Errorf("the node that revoked it: %d", a.Status)
	}
	for i, s := range []*apitest.Server{two, three} {
		for {
			after := time.Since(revoked)
			status := s.Do("GET", "/users/me", tok.Secret, nil).Status
			if status == http.StatusUnauthorized {
				break
			}
			if after > authn.DefaultLease {
				t.Fatalf("node %d answered %d, %s after the token was revoked", i+2, status, after)
			}
		}
	}
}

// TestNothingIsLost: when a node has ended, what it counted is in the database.
func TestNothingIsLost(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		var tok apitest.Token
		var ann apitest.User
		t.Run("node", func(t *testing.T) { // which ends here
			s := apitest.Start(t, apitest.Options{Database: database})
			tok, ann = s.MakeToken(s.AdminID, "used"), s.MakeUser("ann")
			for range 3 {
				s.Read(s.Do("GET", "/users/me", tok.Secret, nil), http.StatusOK, nil)
				s.Read(s.Do("GET", "/audits", ann.Secret, nil), http.StatusForbidden, nil)
			}
		})
		store := open(t, database)
		uses, err := store.TokenUses(t.Context(), tok.ID)
		if err != nil || len(uses.Days) == 0 || uses.Days[0].Uses != 3 {
			t.Errorf("uses: %+v, %v", uses, err)
		}
		events, err := store.Events(t.Context(), jeton.EventFilter{Actor: ann.ID}, 0, 10)
		refused := int64(0)
		for _, e := range events {
			if e.Detail.Refused {
				refused += max(1, int64(e.Detail.Count))
			}
		}
		if err != nil || refused != 3 {
			t.Errorf("%d refusals, not 3, in %+v, %v", refused, events, err)
		}
	})
}

func open(t *testing.T, database string) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// cleaned is a store that says when its old records were removed.
type cleaned struct {
	jeton.Store
	removed chan int64
}

func (s cleaned) ClearOld(ctx context.Context, o jeton.Old) (int64, error) {
	n, err := s.Store.ClearOld(ctx, o)
	s.removed <- n
	return n, err
}

// TestOldIsRemoved: a node that starts removes old records.
func TestOldIsRemoved(t *testing.T) {
	database := filepath.Join(t.TempDir(), "jeton.db")
	store := open(t, database)
	if err := errors.Join(addUse(store, jeton.DayStart(1)), store.Close()); err != nil {
		t.Fatal(err)
	}
	removed := make(chan int64, 10)
	apitest.Start(t, apitest.Options{
		Database: database, Wrap: func(in jeton.Store) jeton.Store { return cleaned{in, removed} },
	})
	select {
	case n := <-removed:
		if n != 1 {
			t.Errorf("%d rows were removed, not 1", n)
		}
	case <-time.After(apitest.Within(10 * time.Second)):
		t.Error("nothing removes old records")
	}
}

// addUse adds a token that was used once, at a time in Unix milliseconds.
func addUse(s *sqlstore.Store, at int64) error {
	ctx := context.Background()
	_, _, err := s.Change(ctx, jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "used"}, tx.AddToken(jeton.Token{ID: "used", UserID: "ann"}, jeton.Digest{1})
	})
	return errors.Join(err, s.AddUses(ctx, []jeton.Use{{TokenID: "used", At: at, Count: 1}}))
}
