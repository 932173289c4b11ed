package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	attempts   = 3
	longestAsk = 5 * time.Second // longest Retry-After that a call waits for; if it is longer, the call fails at once
	maxAnswer  = 32 << 20        // bytes; the longest page is far shorter
	notFoundID = "api.context.404.app_error"
)

// call describes one request.
type call struct {
	method string
	path   string // below the prefix, escaped
	atRoot bool   // the path is not below the prefix
	in     any    // the body, as JSON, url.Values as a form; nil: none
	out    any    // decoded from the answer's JSON
	reads  bool   // it changes nothing, so it may be sent again
}

// backOff returns the time to wait before the next attempt: about 100 ms, then 400 ms.
// It is random, so that clients that lost the server together do not return together.
func backOff(attempt int) time.Duration {
	base := 100 * time.Millisecond << (2 * attempt)
	return base/2 + rand.N(base) //nolint:gosec // a pause is not a secret
}

// get sends a GET for path.
func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return result[T](ctx, c, call{method: http.MethodGet, path: path, reads: true})
}

// ask sends a POST that only reads.
func ask[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	return result[T](ctx, c, call{method: http.MethodPost, path: path, in: in, reads: true})
}

func post[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	return result[T](ctx, c, call{method: http.MethodPost, path: path, in: in})
}

func put[T any](ctx context.Context, c *Client, path string, in any) (T, error) {
	return result[T](ctx, c, call{method: http.MethodPut, path: path, in: in})
}

func result[T any](ctx context.Context, c *Client, k call) (T, error) {
	var out T
	k.out = &out
	if _, err := c.do(ctx, k); err != nil {
		var none T // do not return what was decoded before the error
		return none, err
	}
	return out, nil
}

// done makes a call whose answer only confirms it.
func (c *Client) done(ctx context.Context, method, path string, in any) error {
	_, err := result[status](ctx, c, call{method: method, path: path, in: in})
	return err
}

// do makes a call and retries it where that is safe and may help.
func (c *Client) do(ctx context.Context, k call) (http.Header, error) {
	if !wellFormed(k.path) {
		return nil, &Error{Status: http.StatusNotFound, ID: notFoundID, Message: "There is nothing whose id or name is empty or dots."}
	}
	body, err := encode(k.in)
	if err != nil {
		return nil, err
	}
	if c.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.timeout)
		defer stop()
	}
	for attempt := 0; ; attempt++ {
		header, err := c.once(ctx, k, body)
		if err == nil || attempt == attempts-1 || ctx.Err() != nil || !again(k, err) {
			return header, err
		}
		pause := c.wait(attempt)
		if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
			if pause = e.RetryAfter; pause > longestAsk {
				return nil, err
			}
		}
		if !sleep(ctx, pause) {
			return nil, err
		}
	}
}

// wellFormed reports whether proxies pass a path on unchanged. They remove empty segments
// and dots, and the rest would be a different call.
func wellFormed(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	for segment := range strings.SplitSeq(path[1:], "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

func encode(in any) ([]byte, error) {
	switch in := in.(type) {
	case nil:
		return nil, nil
	case url.Values:
		return []byte(in.Encode()), nil
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return body, nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once makes one attempt.
func (c *Client) once(ctx context.Context, k call, body []byte) (http.Header, error) {
	req, err := c.request(ctx, k, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &lostError{err: err, final: hopeless(err)}
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, &lostError{err: fmt.Errorf("the answer broke off: %w", err)}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, refusal(resp, text)
	}
	if len(text) > maxAnswer || !decode(text, k.out) {
		return nil, &Error{Status: resp.StatusCode} // without the decoder's error, which may quote the answer and so a secret
	}
	return resp.Header, nil
}

func (c *Client) request(ctx context.Context, k call, body []byte) (*http.Request, error) {
	path := prefix + k.path
	if k.atRoot {
		path = k.path
	}
	req, err := http.NewRequestWithContext(ctx, k.method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", "application/json")
	switch k.in.(type) {
	case nil:
	case url.Values:
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	default:
		req.Header.Set("Content-Type", "application/json")
	}
	if c.secret != nil {
		req.Header.Set("Authorization", "Bearer "+c.secret.Reveal())
	}
	return req, nil
}
