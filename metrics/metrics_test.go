package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/limit"
	"jeton/sqlstore"
	"jeton/verify"
)

// away is the real store; it fails while is holds.
type away struct {
	jeton.Store
	is atomic.Bool
}

func (a *away) Credential(ctx context.Context, d jeton.Digest, k jeton.Kind) (jeton.Credential, error) {
	if a.is.Load() {
		return jeton.Credential{}, errors.New("away")
	}
	return a.Store.Credential(ctx, d, k)
}

func outcome(o verify.Outcome) string {
	return `jeton_verifications_total{outcome="` + o.String() + `"}`
}

// Each verification is counted once, by its outcome.
func TestVerificationsByOutcome(t *testing.T) {
	var store away
	m := startMeasured(t, apitest.Options{
		Wrap:   func(s jeton.Store) jeton.Store { store.Store = s; return &store },
		Verify: verify.Settings{Unknown: limit.Rate{Count: 2, Per: time.Hour}},
	})
	good := "Bearer " + m.MakeToken(m.AdminID, "good").Secret
	later := "Bearer " + m.MakeToken(m.AdminID, "looked up when the store is away").Secret
	const unknown = "Bearer jtn_0000000000000000000000000000000000000"
	before := m.scrape(t)
	for i, v := range []struct {
		target, authorization string
		away                  bool
		status                int
	}{
		{"/verify", good, false, 200},
		{"/verify", good, false, 200},
		{"/verify/x?require=no:such", good, true, 200}, // from memory
		{"/verify?require=no:such", good, false, 403},
		{"/verify", "", false, 401},
		{"/verify", "Bearer \"", false, 401},
		{"/verify", unknown, false, 401},
		{"/verify", unknown, false, 429}, // the malformed one counts as a guess, too
		{"/verify", later, true, 503},
		{"/verify?require=x", good, false, 400},
		{"/verify/require/x", good, false, 400},
	} {
		store.is.Store(v.away)
		if status := m.send("GET", v.target, v.authorization); status != v.status {
			t.Errorf("request %d: %d, not %d", i, status, v.status)
		}
	}
	store.is.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := httptest.NewRequestWithContext(ctx, "GET", "/verify", nil)
	req.Header.Set("Authorization", later)
	m.Handler.ServeHTTP(httptest.NewRecorder(), req)

	after := m.scrape(t)
	after.gained(t, before, "jeton_verifications_total", map[string]float64{
		outcome(verify.Good): 3, outcome(verify.Insufficient): 1, outcome(verify.NoCredentials): 1, outcome(verify.Malformed): 1,
		outcome(verify.Invalid): 1, outcome(verify.Limited): 1, outcome(verify.Unavailable): 1, outcome(verify.BadRequirement): 2,
		outcome(verify.Disconnected): 1,
	})
	after.gained(t, before, "jeton_verification_duration_seconds_count", map[string]float64{"jeton_verification_duration_seconds_count": 12})
	after.gained(t, before, "jeton_http", nil)
	// The checksum of the unknown secret is wrong, so it is refused without a look-up.
	after.gained(t, before, "jeton_cache_lookups_total", map[string]float64{
		`jeton_cache_lookups_total{result="hit"}`: 4, `jeton_cache_lookups_total{result="miss"}`: 3,
	})
}

// Each call of the API is counted once, by its route's pattern.
func TestRequestsByRoute(t *testing.T) {
	m := startMeasured(t, apitest.Options{})
	tok := m.MakeToken(m.AdminID, "x")
	count := func(method, route, status string) string {
		return `jeton_http_request_duration_seconds_count{method="` + method + `",route="` + route + `",status="` + status + `"}`
	}
	admin := "Bearer " + m.Admin
	before := m.scrape(t)
	for _, r := range []struct {
		method, target, authorization string
	}{
		{"GET", "/api/v4/users/me", admin},
		{"GET", "/api/v4/users/" + m.AdminID, admin},
		{"HEAD", "/api/v4/users/me", admin},
		{"GET", "/api/v4/users/me", ""},
		{"GET", "/api/v4/users/tokens/" + tok.ID, admin},
		{"GET", "/api/v4/nothing", admin},
		{"PURGE", "/api/v4/users/me", admin},
		{"GET", "/feed", ""},
		{"GET", "/feed/" + tok.ID, ""},
	} {
		m.send(r.method, r.target, r.authorization)
	}
	m.scrape(t).gained(t, before, "jeton_http_request_duration_seconds_count", map[string]float64{
		count("GET", "/api/v4/users/{user_id}", "2xx"): 2, count("HEAD", "/api/v4/users/{user_id}", "2xx"): 1,
		count("GET", "/api/v4/users/{user_id}", "4xx"): 1, count("GET", "/api/v4/users/tokens/{token_id}", "2xx"): 1,
		count("GET", "none", "4xx"): 2, count("other", "none", "4xx"): 1, count("GET", "/feed", "4xx"): 1,
	})
}

const (
	here      = `jeton_propagation_seconds_count{origin="here"}`
	elsewhere = `jeton_propagation_seconds_count{origin="elsewhere"}`
)

// A change that caches must apply is timed once, wherever it was made; a new token is
// no such change.
func TestPropagation(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		m := startMeasured(t, apitest.Options{Database: database})
		tok := m.MakeToken(m.AdminID, "x")
		before := m.scrape(t)
		m.MakeToken(m.AdminID, "y")
		m.Read(m.Do("POST", "/users/tokens/revoke", m.Admin, map[string]string{"token_id": tok.ID}), 200, nil)
		follow(t, m)
		m.scrape(t).gained(t, before, "jeton_propagation_seconds_count", map[string]float64{here: 1, elsewhere: 0})

		other, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: database, Admin: true})
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close() //nolint:errcheck // it has done its part
		before = m.scrape(t)
		made := time.Now().Add(-3 * time.Second).UnixMilli()
		for _, e := range []jeton.Event{
			{At: made, Actor: jeton.ActorLocal, Action: jeton.TokenRevoke, Target: tok.ID, Detail: jeton.Detail{Owner: m.AdminID}},
			{At: made, Actor: jeton.ActorLocal, Action: jeton.TokenCreate, Target: tok.ID, Detail: jeton.Detail{Owner: m.AdminID}},
		} {
			if _, _, err := other.Change(t.Context(), jeton.Prefetch{}, func(jeton.Tx) (jeton.Event, error) { return e, nil }); err != nil {
				t.Fatal(err)
			}
		}
		follow(t, m)
		after := m.scrape(t)
		after.gained(t, before, "jeton_propagation_seconds_count", map[string]float64{here: 0, elsewhere: 1})
		const sum = `jeton_propagation_seconds_sum{origin="elsewhere"}`
		if took := after[sum] - before[sum]; took < 3 || took > 60 {
			t.Errorf("a change made 3 s ago took %v s", took)
		}
	})
}

func follow(t *testing.T, m *measured) {
	t.Helper()
	if err := m.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The feed's age grows while the journal is not read.
func TestFeedAge(t *testing.T) {
	m := startMeasured(t, apitest.Options{})
	m.Clock.Advance(90 * time.Second)
	if age := m.scrape(t)["jeton_feed_age_seconds"]; age < 90 || age > 150 {
		t.Errorf("after 90 s: %v", age)
	}
	follow(t, m)
	if age := m.scrape(t)["jeton_feed_age_seconds"]; age > 60 {
		t.Errorf("after the journal was read: %v", age)
	}
}

// While a change is under way it has the writing connection, and other changes wait.
func TestCommitterAndPools(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		m := startMeasured(t, apitest.Options{Database: database})
		m.MakeToken(m.AdminID, "x")
		const (
			queued = `jeton_committer_queue_length{kind="change"}`
			waits  = `jeton_database_waits_total{pool="write"}`
			inUse  = `jeton_database_connections_in_use{pool="write"}`
		)
		nothing := func(jeton.Tx) (jeton.Event, error) { return jeton.Event{}, jeton.ErrUnchanged }
		before := m.scrape(t)
		for until := time.Now().Add(10 * time.Second); before[inUse] != 0 && time.Now().Before(until); {
			before = m.scrape(t) // a change is answered a moment before its connection is given back
		}
		var during series
		second := make(chan error, 1)
		_, _, err := m.Store.Change(t.Context(), jeton.Prefetch{}, func(jeton.Tx) (jeton.Event, error) {
			go func() {
				_, _, err := m.Store.Change(context.WithoutCancel(t.Context()), jeton.Prefetch{}, nothing)
				second <- err
			}()
			for until := time.Now().Add(10 * time.Second); during[queued] != 1 && time.Now().Before(until); {
				during = m.scrape(t)
			}
			return jeton.Event{}, jeton.ErrUnchanged
		})
		if err := errors.Join(err, <-second); err != nil {
			t.Fatal(err)
		}
		if during[queued] != 1 || during[inUse] != 1 || before[inUse] != 0 {
			t.Errorf("queued %v, in use %v, before that %v", during[queued], during[inUse], before[inUse])
		}
		after := m.scrape(t)
		after.gained(t, before, queued, nil)
		after.gained(t, before, waits, map[string]float64{waits: 1})
		const sum = "jeton_committer_group_changes_sum"
		after.gained(t, before, sum, map[string]float64{sum: 2})
		for _, pool := range []string{"read", "verification", "write"} {
			label := `{pool="` + pool + `"}`
			most, open := after["jeton_database_connections_max"+label], after["jeton_database_connections_open"+label]
			if most < 1 || open > most || pool != "read" && open < 1 {
				t.Errorf("pool %s: %v of %v open", pool, open, most)
			}
		}
	})
}

// Each refusal is counted once, by what its line of the journal names.
func TestRefusalsByLine(t *testing.T) {
	m := startMeasured(t, apitest.Options{})
	ann := m.MakeUser("ann")
	m.Clock.Advance(time.Minute - time.Duration(m.Clock.Now().UnixNano())%time.Minute) // the counts are written after a minute
	before := m.scrape(t)
	for range 3 {
		m.send("GET", "/api/v4/audits", "Bearer "+ann.Secret)
	}
	after := m.scrape(t)
	after.gained(t, before, "jeton_refusals_total", map[string]float64{`jeton_refusals_total{line="own"}`: 3})
	after.gained(t, before, "jeton_refusals_pending", map[string]float64{"jeton_refusals_pending": 2})
	for end := time.Now().Add(10 * time.Second); after[`jeton_journal_notes_total{result="written"}`] != 1 && time.Now().Before(end); {
		after = m.scrape(t)
	}
	after.gained(t, before, "jeton_journal_notes_total", map[string]float64{`jeton_journal_notes_total{result="written"}`: 1})
}
