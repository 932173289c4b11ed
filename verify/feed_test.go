package verify_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/authn"
	"jeton/sqlstore"
)

type answerOfFeed struct {
	Position string `json:"position"`
	AgeMS    *int64 `json:"age_ms"`
	LeaseMS  int64  `json:"lease_ms"`
	Reset    bool   `json:"reset"`
	Events   []struct {
		Position string   `json:"position"`
		Action   string   `json:"action"`
		Owner    string   `json:"owner"`
		Also     []string `json:"also"`
		All      bool     `json:"all"`
	} `json:"events"`
}

func feed(t testing.TB, s *apitest.Server, by, query string) answerOfFeed {
	t.Helper()
	a := raw(t, s, "GET", "/feed"+query, "", "Authorization: Bearer "+by)
	want(t, "feed"+query, a.Status, 200)
	var f answerOfFeed
	decode(t, a, &f)
	return f
}

// start returns the feed's position at the journal's head.
func start(t testing.TB, s *apitest.Server, by string) string {
	t.Helper()
	head, err := s.Store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := feed(t, s, by, "")
	if !f.Reset || f.AgeMS == nil || f.LeaseMS != 1000 || len(f.Events) != 0 || !strings.HasPrefix(f.Position, head.Epoch+".") {
		t.Fatalf("%+v", f)
	}
	return f.Position
}

func TestFeedTellsWhatToForget(t *testing.T) {
	s, u, tok := deployer(t, apitest.Options{})
	by := verifier(t, s)
	at := start(t, s, by)
	if f := feed(t, s, by, "?after="+at); f.Reset || len(f.Events) != 0 || f.Position != at {
		t.Errorf("nothing happened: %+v", f)
	}
	s.MakeToken(u.ID, "nothing to forget")
	tokenCall(t, s, "disable", tok.ID)
	setActive(t, s, u.ID, false)
	role := makeRole(t, s, "another")
	s.Read(s.Do("PUT", "/roles/"+role+"/patch", s.Admin, map[string]any{"permissions": []string{"a:b"}}), 200, nil)
	if err := s.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := feed(t, s, by, "?after="+at)
	var got []string
	last := at
	for _, e := range f.Events {
		line := e.Action + " " + e.Owner
		if e.All {
			line += "all"
		}
		got = append(got, line)
		if e.Position <= last && len(e.Position) <= len(last) {
			t.Errorf("%s after %s", e.Position, last)
		}
		last = e.Position
	}
	expect := "token.disable " + u.ID + ", user.deactivate " + u.ID + ", role.create all, role.patch all"
	if strings.Join(got, ", ") != expect || f.Reset || f.Position != last {
		t.Errorf("got %s\nwant %s\n%+v", strings.Join(got, ", "), expect, f)
	}
	for name, after := range map[string]string{
		"another epoch": "aaaaaaaaaaaaaaaaaaaaaaaaaa.1",
		"a later one":   at[:27] + "99999999",
	} {
		if f := feed(t, s, by, "?after="+after+"&wait_ms=10000"); !f.Reset || f.Position != last {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// A client whose position is no longer in the backlog gets a reset, not a part of the events.
func TestFeedForgetsTheOldest(t *testing.T) {
	s, u, _ := deployer(t, apitest.Options{})
	by := verifier(t, s)
	at := start(t, s, by)
	follow := func() {
		t.Helper()
		if err := s.Cache.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	change := func(n int) {
		t.Helper()
		done := make(chan error, n)
		for range n {
			go func() {
				_, _, err := s.Store.Change(context.Background(), jeton.Prefetch{}, func(jeton.Tx) (jeton.Event, error) {
					return jeton.Event{Action: jeton.TokenDisable, Target: "x", Detail: jeton.Detail{Owner: u.ID}}, nil
				})
				done <- err
			}()
		}
		for range n {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		follow()
	}
	change(4096)
	seen, f := 0, feed(t, s, by, "?after="+at)
	for f.Position != at && !f.Reset && len(f.Events) > 0 {
		if more := seen+len(f.Events) < 4096; more != (f.LeaseMS == 0) { // with a part of the events the lease is 0
			t.Errorf("%d of 4096 events give a lease of %d ms", seen+len(f.Events), f.LeaseMS)
		}
		seen += len(f.Events)
		f = feed(t, s, by, "?after="+f.Position)
	}
	if seen != 4096 || f.Reset {
		t.Errorf("%d of 4096 events, then %+v", seen, f)
	}
	change(1)
	if f := feed(t, s, by, "?after="+at); !f.Reset || len(f.Events) != 0 {
		t.Errorf("one too many: %d events, reset %v", len(f.Events), f.Reset)
	}
}

// A change on this node ends the wait of the feed at once. With this lease, the next read of
// the journal is 12 s away, and the wait lasts up to 15 s.
func TestFeedWakes(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s, _, tok := deployer(t, apitest.Options{Database: database, Cache: authn.Options{Lease: time.Minute}})
		by := verifier(t, s)
		_, took := firstChange(t, s, by, func() { tokenCall(t, s, "disable", tok.ID) })
		if took > apitest.Within(250*time.Millisecond) {
			t.Errorf("after %s", took)
		}
	})
}

// The feed has a change by a tool on the same database after the next poll.
func TestFeedHearsTools(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s, u, _ := deployer(t, apitest.Options{Database: database})
		f, took := firstChange(t, s, verifier(t, s), func() { byTool(t, database, u.ID) })
		if took > apitest.Within(400*time.Millisecond) || f.Events[0].Owner != u.ID || f.Events[0].Action != "user.deactivate" { // 250 ms, and the time of the change itself
			t.Errorf("after %s: %+v", took, f)
		}
	})
}

// A client whose position from another node is after this node's gets no reset: this node
// reads the journal at once.
func TestFeedCatchesUp(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s, u, _ := deployer(t, apitest.Options{Database: database, Cache: authn.Options{Lease: time.Minute}})
		by := verifier(t, s)
		if err := s.Cache.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
		at := feed(t, s, by, "").Position
		byTool(t, database, u.ID)
		head, err := s.Store.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		later := fmt.Sprintf("%s.%d", head.Epoch, head.Position)
		// The next poll is 12 s away: only a read of the journal on request gives this answer.
		if f := feed(t, s, by, "?wait_ms=1000&after="+later); f.Reset || f.Position != later || later == at {
			t.Errorf("lagging node: %+v", f)
		}
	})
}

// firstChange makes a change while a client waits for the feed. It returns the client's first
// answer with events, and the time from the change until that answer.
func firstChange(t *testing.T, s *apitest.Server, by string, change func()) (answerOfFeed, time.Duration) {
	t.Helper()
	if err := s.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := feed(t, s, by, "").Position
	got, asked := make(chan answerOfFeed, 1), make(chan struct{})
	go func() {
		close(asked)
		for {
			f := feed(t, s, by, "?after="+at+"&wait_ms=100000")
			if at = f.Position; len(f.Events) > 0 || f.Reset {
				got <- f
				return
			}
		}
	}()
	<-asked
	began := time.Now()
	change()
	return <-got, time.Since(began)
}

// byTool deactivates a user as "jeton admin" does: through a second store on the same
// database.
func byTool(t testing.TB, database, userID string) {
	t.Helper()
	ctx := context.Background()
	store, err := sqlstore.Open(ctx, sqlstore.Options{URL: database, Admin: true})
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = store.Close() }()
	_, _, err = store.Change(ctx, jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		u, err := tx.User(userID)
		if err != nil {
			return jeton.Event{}, err
		}
		u.DeleteAt = 1
		return jeton.Event{Actor: jeton.ActorLocal, Action: jeton.UserDeactivate, Target: userID, Detail: jeton.Detail{Owner: userID}}, tx.SetUser(u)
	})
	if err != nil {
		t.Error(err)
	}
}

// A change by another program takes effect on this node within 250 ms of its commit.
func TestChangesByToolsCount(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s, u, tok := deployer(t, apitest.Options{Database: database})
		want(t, "before", check(t, s, tok.Secret), 200)
		byTool(t, database, u.ID)
		began := time.Now()
		for check(t, s, tok.Secret) == 200 {
			if took := time.Since(began); took > apitest.Within(250*time.Millisecond) {
				t.Fatalf("still good %s after the change", took)
			}
			time.Sleep(time.Millisecond)
		}
		want(t, "after", check(t, s, tok.Secret), 401)
	})
}

func TestFeedIsSilentWithoutTheJournal(t *testing.T) {
	var store *lever
	s, _, _ := deployer(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { store = &lever{Store: in}; return store }})
	by := verifier(t, s)
	at := start(t, s, by)
	store.away.Store(true)
	s.Clock.Advance(2 * time.Second)
	a := raw(t, s, "GET", "/feed?after="+at, "", "Authorization: Bearer "+by)
	if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
}
