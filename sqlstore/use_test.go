package sqlstore_test

import (
	"testing"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// TestUsesFail: of uses of which one cannot be written none is, and what comes
// after goes well.
func TestUsesFail(t *testing.T) {
	poison := map[string][2]string{
		"sqlite": {
			`CREATE TRIGGER poison BEFORE INSERT ON token_use WHEN NEW.uses = 666 BEGIN SELECT RAISE(ABORT, 'no'); END`,
			`DROP TRIGGER poison`,
		},
		"postgres": {
			`ALTER TABLE token_use ADD CONSTRAINT poison CHECK (uses <> 666)`,
			`ALTER TABLE token_use DROP CONSTRAINT poison`,
		},
	}
	for name, newURL := range engines() {
		t.Run(name, func(t *testing.T) {
			url := newURL(t)
			s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
			if err := s.Seed(t.Context(), seedOf(1, 3), nil); err != nil {
				t.Fatal(err)
			}
			uses := []jeton.Use{
				{TokenID: tokenID(0), At: 5, Count: 1}, {TokenID: tokenID(1), At: 5, Count: 666}, {TokenID: tokenID(2), At: 5, Count: 1},
			}
			exec(t, db, poison[name][0])
			storeFailed(t, s.AddUses(t.Context(), uses))
			for i := range uses {
				if u, err := s.TokenUses(t.Context(), tokenID(i)); err != nil || u.LastUsedAt != 0 || len(u.Days) != 0 {
					t.Errorf("token %d: %+v, %v", i, u, err)
				}
			}
			addUser(t, s, "after")
			exec(t, db, poison[name][1])
			if err := s.AddUses(t.Context(), uses); err != nil {
				t.Error(err)
			}
			if u, err := s.TokenUses(t.Context(), tokenID(1)); err != nil || u.LastUsedAt != 5 || u.Days[0].Uses != 666 {
				t.Errorf("%+v, %v", u, err)
			}
			isWhole(t, s)
		})
	}
}

// TestUsesAfterConnectionLost: a connection that broke while it was idle costs nothing.
func TestUsesAfterConnectionLost(t *testing.T) {
	url := pgtest.URL(t)
	s, db := mustOpen(t, sqlstore.Options{URL: url}), raw(t, url)
	if err := s.Seed(t.Context(), seedOf(1, 1), nil); err != nil {
		t.Fatal(err)
	}
	terminate(t, db)
	if err := s.AddUses(t.Context(), []jeton.Use{{TokenID: tokenID(0), At: 5, Count: 1}}); err != nil {
		t.Error(err)
	}
	terminate(t, db)
	if _, err := s.ClearOld(t.Context(), jeton.Old{UsesBefore: 1, RetiredBefore: 1, Limit: 10}); err != nil {
		t.Error(err)
	}
	if u, err := s.TokenUses(t.Context(), tokenID(0)); err != nil || u.LastUsedAt != 5 || len(u.Days) != 0 {
		t.Errorf("%+v, %v", u, err)
	}
}
