package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Feed is what happened after a position.
type Feed struct {
	Position string      `json:"position"` // to ask after the next time
	AgeMS    int64       `json:"age_ms"`   // how old the answer was at most when it was sent
	LeaseMS  int64       `json:"lease_ms"` // for how long an answer may be trusted; 0: not at all, there is more to hear
	Reset    bool        `json:"reset"`    // what was known before counts no longer
	Events   []FeedEvent `json:"events"`
}

// FeedEvent says of whom a cache must forget what it knows.
type FeedEvent struct {
	Position string   `json:"position"`
	Action   string   `json:"action"`
	Owner    string   `json:"owner"` // the user whose tokens are meant
	Also     []string `json:"also"`  // and theirs
	All      bool     `json:"all"`   // everybody's
}

// Feed returns what happened after a position ("": tells the present one), and
// waits for it up to wait, which the server cuts to a quarter of its lease. The
// caller needs introspect_tokens. It is asked once: who follows the feed asks again
// anyway.
func (c *Client) Feed(ctx context.Context, after string, wait time.Duration) (Feed, error) {
	v := url.Values{"wait_ms": {strconv.FormatInt(wait.Milliseconds(), 10)}}
	if after != "" {
		v.Set("after", after)
	}
	return result[Feed](ctx, c, call{method: http.MethodGet, path: "/feed?" + v.Encode(), atRoot: true})
}

// position is a place in the feed. The zero value is none.
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

// String returns the position as the feed has it; "" for none.
func (p position) String() string {
	if p.epoch == "" {
		return ""
	}
	return p.epoch + "." + strconv.FormatUint(p.number, 10)
}

// reachedBy reports whether an answer given at a position knows all that was heard
// up to p.
func (p position) reachedBy(text string) bool {
	at := parsePosition(text)
	return p.epoch != "" && at.epoch == p.epoch && at.number >= p.number
}
