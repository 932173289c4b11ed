package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jeton/client"
)

// A cached answer is renewed after some time, so that the server counts the use of the token.
// While the server is not reachable but the feed is, the cached answer stays valid longer.
func TestVerifierAsksAgain(t *testing.T) {
	var clock shifted
	var asked atomic.Int64
	var down atomic.Bool
	text := func(s string) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s))}, nil
	}
	c := open(t, "http://127.0.0.1", client.WithToken(secret), client.Through(trip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/feed" {
			time.Sleep(time.Millisecond) // stands for a long poll
			return text(`{"position":"e.1","lease_ms":60000,"events":[]}`)
		}
		asked.Add(1)
		if down.Load() {
			return nil, errors.New("the line is cut")
		}
		return text(`{"active":true,"sub":"ann","position":"e.1"}`)
	})))
	v := client.NewVerifier(c, client.VerifierOptions{Clock: clock.now, Timeout: 50 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); v.Run(ctx) }()
	defer func() { stop(); <-ended }()
	for _, tt := range []struct {
		at    time.Duration
		down  bool
		asked bool
	}{{0, false, true}, {59 * time.Minute, false, false}, {61 * time.Minute, false, true}, {90 * time.Minute, true, false}, {3 * time.Hour, true, true}} {
		down.Store(tt.down)
		clock.by.Store(int64(tt.at))
		eventually(t, "the feed is followed", v.Following)
		before := asked.Load()
		if _, err := v.Verify(t.Context(), bare); err != nil {
			t.Errorf("after %s: %v", tt.at, err)
		}
		if got := asked.Load() > before; got != tt.asked {
			t.Errorf("after %s: asked %v", tt.at, got)
		}
	}
}
