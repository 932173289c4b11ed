package client_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"jeton/client"
)

// discarded is the log of a server whose complaints are what the test is about.
var discarded = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)

const secret = "jtn_0123456789012345678901234567890Abcde"

// trip is a function in the place of a connection.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// recorder keeps the requests that it passes on.
type recorder struct {
	mu   sync.Mutex
	seen []*http.Request
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.seen = append(r.seen, req)
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// take returns what was asked since the last time.
func (r *recorder) take() []*http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.seen
	r.seen = nil
	return out
}

// serve starts a server that is none of ours, and returns its client, which
// makes no pauses.
func serve(t *testing.T, h http.HandlerFunc, options ...client.Option) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return open(t, s.URL, append([]client.Option{client.WithToken(secret), client.Hurried}, options...)...)
}

func open(t *testing.T, url string, options ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// made fails the test when a call failed; else it returns what was read.
func made[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
