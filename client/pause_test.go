package client_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"jeton/client"
)

// elapsed runs a call in a synctest bubble, with answer in place of a server. It returns how
// long the call took by the bubble's clock, and how many times it was sent.
func elapsed(t *testing.T, x func(context.Context) context.Context, answer trip, call func(context.Context, *client.Client) error, options ...client.Option) (d time.Duration, sent int, err error) {
	synctest.Test(t, func(t *testing.T) {
		counted := trip(func(r *http.Request) (*http.Response, error) {
			sent++
			return answer(r)
		})
		c := open(t, "http://jeton.example", append(options, client.Through(counted))...)
		start := time.Now()
		err = call(x(t.Context()), c)
		d = time.Since(start)
	})
	return d, sent, err
}

func patient(x context.Context) context.Context { return x }

func ping(x context.Context, c *client.Client) error { return c.Ping(x) }

func lift(x context.Context, c *client.Client) error { return c.SetActive(x, "id", true) }

// busy answers with a status and a Retry-After.
func busy(status int, after string) trip {
	return func(r *http.Request) (*http.Response, error) {
		w := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}
		if after != "" {
			w.Header.Set("Retry-After", after)
		}
		return w, nil
	}
}

// silent never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// halting begins its answer and never ends it.
func halting(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: stuck{r.Context()}, Request: r}, nil
}

type stuck struct{ context.Context }

func (s stuck) Read([]byte) (int, error) {
	<-s.Done()
	return 0, s.Err()
}

func (stuck) Close() error { return nil }

// Between two attempts the client waits for Retry-After; for a time of its own choice without
// that header; and it does not retry if Retry-After is too long.
func TestPauses(t *testing.T) {
	tests := []struct {
		status   int
		after    string
		from, to time.Duration
		sent     int
	}{
		{503, "", 250 * time.Millisecond, 750 * time.Millisecond, 3},
		{429, "", 250 * time.Millisecond, 750 * time.Millisecond, 3},
		{503, "-7", 250 * time.Millisecond, 750 * time.Millisecond, 3},
		{503, "1", 2 * time.Second, 2 * time.Second, 3},
		{429, "5", 10 * time.Second, 10 * time.Second, 3},
		{503, "6", 0, 0, 1},
		{429, "3600", 0, 0, 1},
		{503, "99999999999999999999", 0, 0, 1},
	}
	for _, tt := range tests {
		d, sent, err := elapsed(t, patient, busy(tt.status, tt.after), ping)
		if d < tt.from || d > tt.to || sent != tt.sent || !isStatus(err, tt.status) {
			t.Errorf("%d, after %q: %v, sent %d times: %v", tt.status, tt.after, d, sent, err)
		}
	}
	if d, sent, err := elapsed(t, patient, busy(503, "1"), lift); d != 0 || sent != 1 || !isStatus(err, 503) {
		t.Errorf("a change: %v, sent %d times: %v", d, sent, err)
	}
}

// A call returns at once when its context ends: before the request, during it, during the
// answer, and during a pause.
func TestCancellation(t *testing.T) {
	tests := map[string]struct {
		answer trip
		after  time.Duration
		sent   int
	}{
		"during the call":   {silent, 7 * time.Second, 1},
		"during the answer": {halting, 7 * time.Second, 1},
		"during a pause":    {busy(503, "5"), 3 * time.Second, 1},
		"in a second pause": {busy(503, "5"), 8 * time.Second, 2},
		"before the call":   {silent, 0, 1},
	}
	for name, tt := range tests {
		x := func(x context.Context) context.Context {
			x, cancel := context.WithCancel(x)
			if tt.after == 0 {
				cancel()
			}
			time.AfterFunc(tt.after, cancel)
			return x
		}
		d, sent, err := elapsed(t, x, tt.answer, ping)
		if d != tt.after || sent != tt.sent || err == nil {
			t.Errorf("%s: %v, sent %d times: %v", name, d, sent, err)
		}
		if inPause := strings.Contains(name, "pause"); inPause && !isStatus(err, 503) || !inPause && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A call with all its attempts ends within its time-out.
func TestTimeout(t *testing.T) {
	mine := client.WithHTTPClient(&http.Client{Timeout: 3 * time.Second})
	unbounded := client.WithHTTPClient(&http.Client{})
	hour := func(x context.Context) context.Context {
		x, cancel := context.WithTimeout(x, time.Hour)
		context.AfterFunc(x, cancel)
		return x
	}
	tests := map[string]struct {
		answer  trip
		options []client.Option
		want    time.Duration
	}{
		"default":            {silent, nil, 30 * time.Second},
		"default, answering": {halting, nil, 30 * time.Second},
		"own":                {silent, []client.Option{mine}, 3 * time.Second},
		"own, in a pause":    {busy(503, "2"), []client.Option{mine}, 3 * time.Second},
		"none":               {silent, []client.Option{unbounded}, time.Hour},
	}
	for name, tt := range tests {
		for _, call := range []func(context.Context, *client.Client) error{ping, lift} {
			d, _, err := elapsed(t, hour, tt.answer, call, tt.options...)
			if isStatus(err, 503) && d == 0 {
				continue // a change is not retried
			}
			if d != tt.want || !errors.Is(err, context.DeadlineExceeded) && !isStatus(err, 503) {
				t.Errorf("%s: %v, want %v: %v", name, d, tt.want, err)
			}
		}
	}
}
