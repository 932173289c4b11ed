package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"jeton/client"
)

// A stale answer is not used after the token has expired, also if it expires during a failed
// request.
func TestVerifierStaleExpiry(t *testing.T) {
	var clock shifted
	start, cut := time.Now(), false
	text := func(s string) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s))}, nil
	}
	fed := make(chan struct{}, 1)
	c := open(t, "http://127.0.0.1", client.WithToken(secret), client.Through(trip(func(r *http.Request) (*http.Response, error) {
		switch {
		case r.URL.Path == "/feed":
			select {
			case fed <- struct{}{}:
				return text(`{"position":"e.1","lease_ms":60000,"reset":true,"events":[]}`)
			default:
			}
			<-r.Context().Done()
			return nil, r.Context().Err()
		case cut:
			clock.by.Store(int64(2 * time.Minute))
			return nil, errors.New("the line is cut")
		}
		return text(fmt.Sprintf(`{"active":true,"sub":"ann","position":"e.1","expires_at_ms":%d}`, start.Add(100*time.Second).UnixMilli()))
	})))
	v := client.NewVerifier(c, client.VerifierOptions{Clock: clock.now, AcceptStale: time.Hour, Timeout: 50 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); v.Run(ctx) }()
	eventually(t, "the feed is followed", v.Following)
	if _, err := v.Verify(t.Context(), bare); err != nil {
		t.Fatal(err)
	}
	stop()
	<-ended
	clock.by.Store(int64(90 * time.Second))
	cut = true
	if i, err := v.Verify(t.Context(), bare); !errors.Is(err, client.ErrInvalidToken) {
		t.Errorf("expired, but %v, %v", i, err)
	}
}
