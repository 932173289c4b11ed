package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Feed holds the events after a position.
type Feed struct {
	Position string      `json:"position"` // the position for the next call
	AgeMS    int64       `json:"age_ms"`   // the largest possible age of the answer when it was sent, milliseconds
	LeaseMS  int64       `json:"lease_ms"` // how long the answer may be trusted, milliseconds; 0: not at all, more events follow
	Reset    bool        `json:"reset"`    // drop everything that was cached before
	Events   []FeedEvent `json:"events"`
}

// FeedEvent names the owners whose cached tokens are out of date.
type FeedEvent struct {
	Position string   `json:"position"`
	Action   string   `json:"action"`
	Owner    string   `json:"owner"` // the user whose tokens are concerned
	Also     []string `json:"also"`  // more such users
	All      bool     `json:"all"`   // all users' tokens
}

// Feed returns the events after a position ("": none, only the current position). If there
// are none, the server waits for one up to wait, at most a quarter of its lease. The caller
// needs introspect_tokens. The call is not retried: a follower calls again anyway.
func (c *Client) Feed(ctx context.Context, after string, wait time.Duration) (Feed, error) {
	v := url.Values{"wait_ms": {strconv.FormatInt(wait.Milliseconds(), 10)}}
	if after != "" {
		v.Set("after", after)
	}
	return result[Feed](ctx, c, call{method: http.MethodGet, path: "/feed?" + v.Encode(), atRoot: true})
}

// position is a position in the feed. The zero value is none.
type position struct {
	epoch  string
	number uint64
}

func parsePosition(text string) position {
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 {
		return position{}
	}
	n, err := strconv.ParseUint(text[dot+1:], 10, 64)
	if err != nil {
		return position{}
	}
	return position{text[:dot], n}
}

// String returns the position in the form of the feed; "" for none.
func (p position) String() string {
	if p.epoch == "" {
		return ""
	}
	return p.epoch + "." + strconv.FormatUint(p.number, 10)
}

// reachedBy reports whether an answer given at a position includes all events up to p.
func (p position) reachedBy(text string) bool {
	at := parsePosition(text)
	return p.epoch != "" && at.epoch == p.epoch && at.number >= p.number
}
