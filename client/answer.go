package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// status is the answer to a change that returns no record.
type status struct {
	Status string `json:"status"`
}

// ours reports whether an answer is one of this API. The JSON of another server would
// decode into empty fields.
func (s status) ours() bool { return s.Status == "OK" }

// decode decodes an answer into out and reports whether it is one of this API.
func decode(text []byte, out any) bool {
	if b, raw := out.(*[]byte); raw {
		*b = text
		return true
	}
	if json.Unmarshal(text, out) != nil || string(bytes.TrimSpace(text)) == "null" {
		return false
	}
	one, ok := out.(interface{ ours() bool })
	return !ok || one.ours()
}

func refusal(resp *http.Response, text []byte) error {
	e := &Error{Status: resp.StatusCode, Location: resp.Header.Get("Location")}
	var in struct {
		ID        string `json:"id"`
		Message   string `json:"message"`
		Value     string `json:"value"`
		RequestID string `json:"request_id"`
		OAuth     string `json:"error"` // routes outside of Mattermost's API use the form of RFC 6749, 5.2
		Words     string `json:"error_description"`
	}
	if json.Unmarshal(text, &in) == nil {
		e.ID, e.Message, e.Value, e.RequestID = in.ID, in.Message, in.Value, in.RequestID
		if e.ID == "" {
			e.ID, e.Message = in.OAuth, in.Words
		}
	}
	if len(text) == 0 { // the error of a verification is in a header only
		e.ID, e.Message = challenged(resp.Header)
	}
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"))
	return e
}

// retryAfter parses a Retry-After of seconds; 0: none.
func retryAfter(s string) time.Duration {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range: n is the nearest value that fits
		return 0
	}
	return time.Duration(min(max(n, 0), math.MaxInt64/int64(time.Second))) * time.Second
}
