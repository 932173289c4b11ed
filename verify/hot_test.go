package verify_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/limit"
	"jeton/metrics"
	"jeton/verify"
)

// sink is a ResponseWriter that allocates nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }

func hot(tb testing.TB, target string, o apitest.Options) (func(), *sink) {
	s, _, tok := deployer(tb, o)
	req := httptest.NewRequest("GET", target, nil)
	req.Header.Set("Authorization", "Bearer "+tok.Secret)
	w := &sink{header: http.Header{}}
	return func() { s.Handler.ServeHTTP(w, req) }, w
}

// A cached verification allocates at most twice.
func TestHotVerificationAllocates(t *testing.T) {
	for _, target := range []string{
		"/verify", "/verify/-/a/path", "/verify?require=deploy:write", "/verify/require/deploy:write/-/a/path",
	} {
		run, w := hot(t, target, apitest.Options{Metrics: metrics.New(metrics.Build{})})
		run()
		if n := testing.AllocsPerRun(1000, run); n > 2 || w.status != 200 {
			t.Errorf("%s: %v allocations, status %d", target, n, w.status)
		} else {
			t.Logf("%s: %v allocations", target, n)
		}
	}
}

func BenchmarkVerifyHot(b *testing.B) {
	most := limit.Rate{Count: 1 << 30, Per: time.Hour}
	for _, bench := range []struct {
		name, target string
		measured     bool
		verify       verify.Settings
	}{
		{"plain", "/verify", false, verify.Settings{}},
		{"required", "/verify?require=deploy:write", false, verify.Settings{}},
		{"measured", "/verify", true, verify.Settings{}},
		{"limited", "/verify", false, verify.Settings{PerToken: most, PerAddress: most}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			o := apitest.Options{Verify: bench.verify}
			if bench.measured {
				o.Metrics = metrics.New(metrics.Build{})
			}
			run, w := hot(b, bench.target, o)
			run()
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
			if w.status != 200 {
				b.Fatal(w.status)
			}
		})
	}
}
