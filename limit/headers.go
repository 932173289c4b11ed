package limit

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// policyText is the item of a rule in the header RateLimit-Policy.
func policyText(r Rule) string {
	return fmt.Sprintf("%q;q=%d;w=%d", r.Name, r.Count, r.Per/time.Second)
}

// Policy returns the limiter's item of the header RateLimit-Policy: its name,
// places and seconds (draft-ietf-httpapi-ratelimit-headers-10).
func (l *Limiter) Policy() string { return l.policy }

// AppendState appends the limiter's item of the header RateLimit: how many places
// are left, and in how many seconds all are back.
func (l *Limiter) AppendState(b []byte, t Taken) []byte {
	b = append(b, '"')
	b = append(b, l.rule.Name...)
	b = append(b, `";r=`...)
	b = strconv.AppendInt(b, int64(t.Left), 10)
	b = append(b, `;t=`...)
	return strconv.AppendInt(b, int64(Seconds(t.Reset)), 10)
}

// SetHeaders sets RateLimit and RateLimit-Policy for an answer to Take.
func (l *Limiter) SetHeaders(h http.Header, t Taken) {
	h["Ratelimit-Policy"] = []string{l.Policy()}
	h["Ratelimit"] = []string{string(l.AppendState(nil, t))}
}

// Seconds rounds a wait up to whole seconds, at least one, for Retry-After.
func Seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }
