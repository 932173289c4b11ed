package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	attempts   = 3
	longestAsk = 5 * time.Second // a server that asks to wait longer is given up at once
	maxAnswer  = 32 << 20        // bytes; the longest page is far below
)

// call is one request to make.
type call struct {
	method string
	path   string // below the prefix, escaped
	in     any    // the body, as JSON; nil: none
	out    any    // read from the answer's JSON; nil: it is dropped
	reads  bool   // nothing changes, so it may be sent again
}

// backOff returns how long to wait before the next attempt: about 100 ms, then
// 400 ms, not the same for all who lost the server at once.
func backOff(attempt int) time.Duration {
	base := 100 * time.Millisecond << (2 * attempt)
	return base/2 + rand.N(base)
}

// get reads what is at path.
func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return result[T](ctx, c, call{method: http.MethodGet, path: path, reads: true})
}

// ask is a POST that only reads.
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
	_, err := c.do(ctx, k)
	return out, err
}

// done makes a call whose answer says no more than that it was done.
func (c *Client) done(ctx context.Context, method, path string, in any) error {
	_, err := c.do(ctx, call{method: method, path: path, in: in})
	return err
}

// do makes a call, again where that is safe and may help.
func (c *Client) do(ctx context.Context, k call) (http.Header, error) {
	body, err := encode(k.in)
	if err != nil {
		return nil, err
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

func encode(in any) ([]byte, error) {
	if in == nil {
		return nil, nil
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return body, nil
}

// again reports whether a call that failed may be sent once more.
func again(k call, err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return k.reads && e.Temporary()
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return true // nothing was sent
	}
	if lost, ok := errors.AsType[*lostError](err); ok {
		return k.reads && !lost.final
	}
	return false
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

// lostError is a call that got no whole answer.
type lostError struct {
	err   error
	final bool // asking again would end the same way
}

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// once makes one attempt.
func (c *Client) once(ctx context.Context, k call, body []byte) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, k.method, c.base+prefix+k.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.secret != "" {
		req.Header.Set("Authorization", "Bearer "+c.secret.Reveal())
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &lostError{err: err, final: hopeless(err)}
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &lostError{err: fmt.Errorf("the answer broke off: %w", err)}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, refusal(resp, text)
	}
	if k.out == nil {
		return resp.Header, nil
	}
	if b, raw := k.out.(*[]byte); raw {
		*b = text
		return resp.Header, nil
	}
	if err := json.Unmarshal(text, k.out); err != nil {
		return nil, &Error{Status: resp.StatusCode} // err may quote the answer, and with it a secret
	}
	return resp.Header, nil
}

func refusal(resp *http.Response, text []byte) error {
	e := &Error{Status: resp.StatusCode, Location: resp.Header.Get("Location")}
	var in struct {
		ID        string `json:"id"`
		Message   string `json:"message"`
		RequestID string `json:"request_id"`
	}
	if json.Unmarshal(text, &in) == nil {
		e.ID, e.Message, e.RequestID = in.ID, in.Message, in.RequestID
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		e.RetryAfter = time.Duration(s) * time.Second
	}
	return e
}
