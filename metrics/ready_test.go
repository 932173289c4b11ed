package metrics_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"jeton/apitest"
	"jeton/metrics"
	"jeton/sqlstore"
)

// readiness calls /readyz, and checks that /healthz is always 200.
func (m *measured) readiness(t *testing.T) (status int, checks map[string]string) {
	t.Helper()
	if w := m.get("/healthz"); w.Code != 200 {
		t.Errorf("/healthz: %d", w.Code)
	}
	w := m.get("/readyz")
	var out struct {
		Ready  bool
		Checks map[string]string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Ready != (w.Code == 200) {
		t.Errorf("/readyz: %d %s: %v", w.Code, w.Body, err)
	}
	return w.Code, out.Checks
}

// expect checks that this check alone fails; empty: none does.
func (m *measured) expect(t *testing.T, when, check, words string) {
	t.Helper()
	status, checks := m.readiness(t)
	if (status == 200) != (check == "") {
		t.Errorf("%s: %d", when, status)
	}
	for name, said := range checks {
		if name == check && !strings.Contains(said, words) || name != check && said != "ok" {
			t.Errorf("%s: %s: %q", when, name, said)
		}
	}
	if _, ok := checks[check]; check != "" && !ok {
		t.Errorf("%s: nothing about %s", when, check)
	}
}

func (m *measured) fresh() bool { return m.Cache.Stats().Fresh }

func TestReady(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jeton.db")
	m := startMeasured(t, apitest.Options{Database: path})
	store := m.Store.(*sqlstore.Store)
	m.expect(t, "at the start", "server", "starting")
	m.health.Serve(metrics.Parts{Schema: store.Schema, Fresh: m.fresh})
	m.expect(t, "serving", "", "")

	m.Clock.Advance(2 * time.Hour)
	m.expect(t, "past the lease", "feed", "journal")
	follow(t, m)
	m.expect(t, "after the journal was read", "", "")

	for _, step := range []struct{ statement, check, words string }{
		{`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`, "migrations", "newer"},
		{`DELETE FROM goose_db_version WHERE version_id = 9999`, "", ""},
		{`UPDATE goose_db_version SET version_id = 1`, "migrations", "older"},
	} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Exec(step.statement)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		m.expect(t, step.statement, step.check, step.words)
	}
	m.health.End()
	m.expect(t, "at the end", "server", "shutting down")
}

// /readyz does not wait for a database that does not answer, and asks it once at a time.
func TestReadyWaitsForNoDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := metrics.NewHealth(nil)
		m := &measured{health: h, handler: metrics.Handler(metrics.New(metrics.Build{}), h, slog.New(slog.DiscardHandler))}
		var asked atomic.Int64
		letGo := make(chan struct{})
		h.Serve(metrics.Parts{
			Schema: func(context.Context) (int64, int64, error) { asked.Add(1); <-letGo; return 1, 1, nil },
			Fresh:  func() bool { return true },
		})
		for range 3 {
			began := time.Now()
			if status, checks := m.readiness(t); status != 503 || !strings.Contains(checks["database"], "answer") {
				t.Errorf("%d %v", status, checks)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("took %s", took)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		close(letGo)
		synctest.Wait()
		m.expect(t, "when it answers again", "", "")
	})
}
