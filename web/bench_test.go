package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"jeton/web"
)

// quiet is a ResponseWriter that keeps nothing.
type quiet struct{ h http.Header }

func (q quiet) Header() http.Header         { return q.h }
func (q quiet) Write(b []byte) (int, error) { return len(b), nil }
func (q quiet) WriteHeader(int)             {}

// What the funnel itself costs a request, without a log.
func BenchmarkFunnel(b *testing.B) {
	f := &web.Funnel{Options: web.Options{Auth: keys{}}, Version: "11.10.0"}
	h := f.Wrap(f.Route("/x", web.Required, func(*web.Call) (any, error) { return []byte("[]"), nil }))
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Authorization", "Bearer "+goodSecret)
	w := quiet{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		h.ServeHTTP(w, r)
	}
}
