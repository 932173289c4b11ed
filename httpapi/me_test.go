package httpapi_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/authn"
)

// readCounter is a store that counts the reads of a request.
type readCounter struct {
	jeton.Store
	reads atomic.Int64
}

func (s *readCounter) User(ctx context.Context, id string) (jeton.User, error) {
	s.reads.Add(1)
	return s.Store.User(ctx, id)
}

func (s *readCounter) Credential(ctx context.Context, d jeton.Digest, k jeton.Kind) (jeton.Credential, error) {
	s.reads.Add(1)
	return s.Store.Credential(ctx, d, k)
}

func (s *readCounter) Roles(ctx context.Context) ([]jeton.Role, error) {
	s.reads.Add(1)
	return s.Store.Roles(ctx)
}

// GET /users/me reads no database while the lease holds, and shows a change at once.
func TestMeFromMemory(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		var store *readCounter
		s := apitest.Start(t, apitest.Options{
			Database: database,
			Cache:    authn.Options{Lease: time.Minute},
			Wrap:     func(in jeton.Store) jeton.Store { store = &readCounter{Store: in}; return store },
		})
		if err := s.Cache.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		tok := s.MakeToken(s.AdminID, "x")
		me := func(secret, nickname string) int64 {
			t.Helper()
			before := store.reads.Load()
			var u struct{ ID, Nickname string }
			s.Read(ask(t, s, "GET", "/users/me", secret, nil), 200, &u)
			if u.ID != s.AdminID || u.Nickname != nickname {
				t.Errorf("got %+v, want the nickname %q", u, nickname)
			}
			return store.reads.Load() - before
		}
		for _, secret := range []string{s.Admin, tok.Secret} {
			me(secret, "")
			for range 3 {
				if n := me(secret, ""); n != 0 {
					t.Errorf("%d reads while the lease holds", n)
				}
			}
		}
		ask(t, s, "PUT", "/users/me/patch", s.Admin, map[string]string{"nickname": "A"})
		if me(s.Admin, "A") == 0 {
			t.Error("no read after a change")
		}
		if n := me(s.Admin, "A"); n != 0 {
			t.Errorf("%d reads while the lease holds", n)
		}
		s.Clock.Advance(2 * time.Minute)
		if me(s.Admin, "A") == 0 {
			t.Error("no read after the end of the lease")
		}
	})
}
