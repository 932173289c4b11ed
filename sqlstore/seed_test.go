package sqlstore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"jeton"
	"jeton/sqlstore"
)

func userID(i int) string  { return fmt.Sprintf("user%022d", i) }
func tokenID(i int) string { return fmt.Sprintf("token%021d", i) }

func seedDigest(i int) (d jeton.Digest) {
	sum := sha256.Sum256([]byte(tokenID(i)))
	d[0] = 1
	copy(d[1:], sum[:])
	return d
}

// seedOf makes users with equally many tokens, whose creation goes round the users.
func seedOf(users, tokens int) sqlstore.SeedSource {
	each := tokens / users
	return sqlstore.SeedSource{
		UserCount: users, TokenCount: users * each,
		Users: func(yield func(jeton.User) bool) {
			for i := range users {
				u := jeton.User{
					ID: userID(i), Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.com", i),
					FirstName: "First", LastName: "Last", Roles: []string{jeton.RoleSystemUser}, CreateAt: 1, UpdateAt: 1,
				}
				if !yield(u) {
					return
				}
			}
		},
		Tokens: func(yield func(jeton.Token, jeton.Digest) bool) {
			for j := range each {
				for i := range users {
					n := j*users + i
					t := jeton.Token{
						ID: tokenID(n), UserID: userID(i), Description: "a token for deployments", Active: true,
						CreateAt: int64(1_700_000_000_000 + n), CreatedBy: userID(i), Hint: "aB3z", Seq: int64(n + 1),
					}
					if n%3 == 0 {
						t.Scopes = jeton.Scopes{"deploy:write"}
					}
					if !yield(t, seedDigest(n)) {
						return
					}
				}
			}
		},
	}
}

func TestSeed(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		before := head(t, s)
		calls, last := 0, 0
		err := s.Seed(t.Context(), seedOf(300, 6000), func(done, total int) {
			if done < last || total != 6300 {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			calls, last = calls+1, done
		})
		if err != nil {
			t.Fatal(err)
		}
		if calls == 0 || last != 6300 {
			t.Errorf("progress was told %d times, up to %d", calls, last)
		}
		after := head(t, s)
		if after.Epoch == before.Epoch || after.Position != 1 {
			t.Errorf("head %v after %v", after, before)
		}
		events, err := s.Events(t.Context(), jeton.EventFilter{}, 0, 10)
		if err != nil || len(events) != 1 || events[0].Action != jeton.StoreSeed || events[0].Actor != jeton.ActorLocal {
			t.Errorf("events %v, %v", events, err)
		}
		checkSeeded(t, s)
		if err := s.Seed(t.Context(), seedOf(1, 1), nil); !errors.Is(err, sqlstore.ErrNotEmpty) {
			t.Errorf("seeded twice: %v", err)
		}
		isWhole(t, s)
	})
}

func checkSeeded(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	page, err := s.Tokens(t.Context(), 5990, 20)
	if err != nil || len(page.Tokens) != 10 || page.Total != 6000 || page.Tokens[9].ID != tokenID(5999) {
		t.Errorf("the last page: %v, %v", page, err)
	}
	of, err := s.TokensOf(t.Context(), userID(7), 0, 100)
	if err != nil || of.Total != 20 || of.Tokens[1].ID != tokenID(307) {
		t.Errorf("tokens of a user: %v, %v", of, err)
	}
	c, err := s.Credential(t.Context(), seedDigest(42), jeton.KindToken)
	if err != nil || c.ID != tokenID(42) || len(c.Scopes) != 1 {
		t.Errorf("credential %v, %v", c, err)
	}
	// What is created then comes after.
	_, _, err = s.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		if assigned, err := tx.RoleAssigned(jeton.RoleSystemUser); err != nil || !assigned {
			t.Errorf("role assigned: %v, %v", assigned, err)
		}
		return jeton.Event{Action: "test", Target: "new"}, tx.AddToken(jeton.Token{ID: "new", UserID: userID(1)}, jeton.Digest{9})
	})
	if err != nil {
		t.Fatal(err)
	}
	newest, err := s.Token(t.Context(), "new")
	if err != nil || newest.Seq != 6001 {
		t.Errorf("the next token: %v, %v", newest, err)
	}
}

// TestSeedFails: a load that stops in the middle leaves nothing.
func TestSeedFails(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		before := head(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Seed(ctx, seedOf(300, 60000), func(done, _ int) {
			if done > 20000 {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if after := head(t, s); after != before {
			t.Errorf("head %v after %v", after, before)
		}
		if users, err := s.Users(t.Context(), jeton.UserFilter{Bots: true}, 0, 1); len(users) != 0 || err != nil {
			t.Errorf("users: %v, %v", users, err)
		}
		if err := s.Seed(t.Context(), seedOf(300, 6000), nil); err != nil {
			t.Fatal(err)
		}
		checkSeeded(t, s)
		isWhole(t, s)
	})
}

func head(t *testing.T, s *sqlstore.Store) jeton.Head {
	t.Helper()
	h, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// isWhole runs the store's own check.
func isWhole(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	report, err := s.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() {
		t.Errorf("findings: %q", report.Findings)
	}
}
