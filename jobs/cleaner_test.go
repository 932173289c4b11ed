package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/jobs"
	"jeton/pgtest"
	"jeton/sqlstore"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const day = 24 * time.Hour

// TestClean: uses and retired secrets stay for 90 days, and no longer; the last
// use stays as long as the token.
func TestClean(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		now := s.Clock.Now()
		s.Clock.Advance(now.Truncate(day).Add(day + 12*time.Hour).Sub(now)) // noon: nothing here depends on the hour
		used, revoked := s.MakeToken(s.AdminID, "used"), s.MakeToken(s.AdminID, "revoked")
		for range 2 {
			s.Do("GET", "/users/me", used.Secret, nil)
			s.Read(s.Do("GET", "/users/me", s.Admin, nil), 200, nil)
			if err := s.Uses.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if revoked.ID != "" {
				s.Read(s.Do("POST", "/users/tokens/revoke", s.Admin, map[string]string{"token_id": revoked.ID}), 200, nil)
				revoked.ID = ""
				s.Clock.Advance(day)
			}
		}
		cleaner := jobs.Cleaner{Store: s.Store, KeepRetired: jobs.DefaultKeepRetired, Clock: s.Clock.Now}
		last := int64(0)
		for _, step := range []struct {
			advance time.Duration
			removed int64
			days    int
		}{
			{0, 0, 2}, {88 * day, 1, 2}, // the administrator's session, then the network
			{13 * time.Hour, 2, 1}, {11 * time.Hour, 1, 1}, {time.Hour, 0, 1}, {23 * time.Hour, 1, 0}, {day, 0, 0},
		} {
			s.Clock.Advance(step.advance)
			removed, err := cleaner.Clean(t.Context())
			if err != nil || removed != step.removed {
				t.Errorf("after another %s: %d removed, %v, not %d", step.advance, removed, err, step.removed)
			}
			uses, err := s.Store.TokenUses(t.Context(), used.ID)
			if err != nil || len(uses.Days) != step.days || last != 0 && uses.LastUsedAt != last {
				t.Errorf("after another %s: %+v, %v, not %d days", step.advance, uses, err, step.days)
			}
			last = uses.LastUsedAt
		}
	})
}

// TestCleanEnded: sessions go when they are over, and the network that a user logged in
// from when it is not known any more.
func TestCleanEnded(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	cleaner := jobs.Cleaner{Store: s.Store, KeepRetired: jobs.DefaultKeepRetired, Clock: s.Clock.Now}
	for _, step := range []struct {
		advance  time.Duration
		sessions int
		known    bool
	}{{29 * day, 1, true}, {2 * day, 0, true}, {58 * day, 0, true}, {2 * day, 0, false}} {
		s.Clock.Advance(step.advance)
		if _, err := cleaner.Clean(t.Context()); err != nil {
			t.Fatal(err)
		}
		sessions, err := s.Store.SessionsOf(t.Context(), s.AdminID)
		known, knownErr := s.Store.KnownAddress(t.Context(), s.AdminID, "127.0.0.1", 0)
		if err := errors.Join(err, knownErr); err != nil || len(sessions) != step.sessions || known != step.known {
			t.Errorf("after another %s: %d sessions, known %v, %v", step.advance, len(sessions), known, err)
		}
	}
}

// Refusals stay in the journal for as many days as is set, and changes always. The journal,
// its pages and the positions of what follows are as before.
func TestCleanRefusals(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		ann := s.MakeUser("ann")
		count := func() (refused, changes int) {
			events, err := s.Store.Events(t.Context(), jeton.EventFilter{}, 0, 200)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				if e.Detail.Refused {
					refused++
				} else {
					changes++
				}
			}
			return refused, changes
		}
		for i := range 5 {
			s.Read(s.Do("GET", "/audits", ann.Secret, nil), 403, nil)
			for refused := 0; refused <= i; refused, _ = count() {
				s.Read(s.Do("GET", "/users/me", ann.Secret, nil), 200, nil)
			}
			s.Clock.Advance(day)
		}
		_, before := count()
		cleaner := jobs.Cleaner{Store: s.Store, KeepRetired: 90, KeepRefusals: 3, Clock: s.Clock.Now}
		if removed, err := cleaner.Clean(t.Context()); err != nil || removed != 3 {
			t.Errorf("%d removed, %v", removed, err)
		}
		refused, changes := count()
		if refused != 2 || changes != before {
			t.Errorf("%d refusals and %d of %d changes are left", refused, changes, before)
		}
		head, err := s.Store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.MakeUser("bob")
		if events, _, err := s.Store.EventsAfter(t.Context(), head.Position, 1); err != nil || len(events) != 1 || events[0].Position != head.Position+1 {
			t.Errorf("%+v, %v", events, err)
		}
	})
}

// TestCleanMuch: all old rows are removed, when they need several transactions too.
func TestCleanMuch(t *testing.T) {
	store := storeWithOldUses(t, 3*jeton.UseBatch)
	cleaner := jobs.Cleaner{Store: store, KeepRetired: 1}
	if removed, err := cleaner.Clean(t.Context()); err != nil || removed != 3*jeton.UseBatch {
		t.Errorf("%d removed, %v", removed, err)
	}
}

// clears counts how often a store is asked, and fails the first time.
type clears struct {
	*sqlstore.Store
	asked atomic.Int64
}

func (c *clears) ClearOld(ctx context.Context, o jeton.Old) (int64, error) {
	if c.asked.Add(1) == 1 {
		return 0, errors.New("away")
	}
	return c.Store.ClearOld(ctx, o)
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		store := clears{Store: storeWithOldUses(t, 3)}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan struct{})
		cleaner := jobs.Cleaner{Store: &store, KeepRetired: 90, Log: slog.New(slog.NewTextHandler(&log, nil))}
		go func() { defer close(ended); cleaner.Run(ctx) }()
		for _, step := range []struct {
			wait time.Duration
			want int64
		}{{0, 1}, {time.Hour, 2}, {22 * time.Hour, 2}, {2 * time.Hour, 3}, {day, 4}} {
			time.Sleep(step.wait)
			synctest.Wait()
			if n := store.asked.Load(); n != step.want {
				t.Errorf("after another %s: asked %d times, want %d", step.wait, n, step.want)
			}
		}
		end()
		<-ended
		if text := log.String(); strings.Count(text, "level=WARN") != 1 || !strings.Contains(text, "rows=3") {
			t.Errorf("log: %s", text)
		}
	})
}

// storeWithOldUses returns a store in which a token was used once a day, on the first
// days after 1970 began.
func storeWithOldUses(t *testing.T, days int64) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(context.Background(), sqlstore.Options{URL: filepath.Join(t.TempDir(), "jeton.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	_, _, err = s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "used"}, tx.AddToken(jeton.Token{ID: "used", UserID: "ann"}, jeton.Digest{1})
	})
	var uses []jeton.Use
	for i := range days {
		uses = append(uses, jeton.Use{TokenID: "used", At: jeton.DayStart(i), Count: 1})
	}
	for batch := range slices.Chunk(uses, jeton.UseBatch) {
		err = errors.Join(err, s.AddUses(context.Background(), batch))
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}
