package metrics_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/authn"
	"jeton/metrics"
	"jeton/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// measured is a server with metrics, and the handler that serves them.
type measured struct {
	*apitest.Server
	metrics *metrics.Metrics
	health  *metrics.Health
	handler http.Handler
}

// startMeasured starts a server whose lease lasts longer than any test, so that only
// what a test does makes its cache forget.
func startMeasured(t *testing.T, o apitest.Options) *measured {
	t.Helper()
	m := &measured{metrics: metrics.New(metrics.Build{Version: "v1", Revision: "abc"}), health: metrics.NewHealth(nil)}
	o.Metrics, o.Cache = m.metrics, authn.Options{Lease: time.Hour}
	m.Server = apitest.Start(t, o)
	if err := m.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.handler = metrics.Handler(m.metrics, m.health, slog.New(slog.DiscardHandler))
	return m
}

func (m *measured) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// series is what a scrape shows, by name and labels.
type series map[string]float64

func (m *measured) scrape(t *testing.T) series {
	t.Helper()
	w := m.get("/metrics")
	if w.Code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", w.Code, w.Body)
	}
	return parse(t, w.Body.String())
}

func parse(t *testing.T, text string) series {
	t.Helper()
	out := series{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(line[cut+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out[line[:cut]] = v
	}
	return out
}

// gained checks how much was added since before to each of these series, and that
// nothing was to any other whose name begins so.
func (s series) gained(t *testing.T, before series, prefix string, want map[string]float64) {
	t.Helper()
	for name, v := range s {
		if d := v - before[name]; strings.HasPrefix(name, prefix) && d != want[name] {
			t.Errorf("%s grew by %v, not %v", name, d, want[name])
		}
	}
	for name := range want {
		if _, ok := s[name]; !ok {
			t.Errorf("there is no %s", name)
		}
	}
}

// send asks the server's handler for what no client would send.
func (m *measured) send(method, target, authorization string) int {
	req := httptest.NewRequest("GET", "http://jeton.test/", nil)
	u, err := req.URL.Parse(target)
	if err != nil {
		panic(err)
	}
	req.Method, req.URL, req.RequestURI = method, u, target
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	m.Handler.ServeHTTP(w, req)
	return w.Code
}
