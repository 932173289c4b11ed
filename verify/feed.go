package verify

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/web"
)

// feedJSON is one answer of the feed.
type feedJSON struct {
	Position string      `json:"position"` // what to ask after the next time
	AgeMS    int64       `json:"age_ms"`   // how old the answer is at most when it is sent
	LeaseMS  int64       `json:"lease_ms"` // for how long an answer may be trusted; 0: not at all, there is more to hear
	Reset    bool        `json:"reset"`    // forget everything
	Events   []eventJSON `json:"events"`
}

// eventJSON says of whom a cache must forget what it knows.
type eventJSON struct {
	Position string       `json:"position"`
	Action   jeton.Action `json:"action"`
	Owner    string       `json:"owner,omitempty"` // the user whose tokens are meant
	Also     []string     `json:"also,omitempty"`  // and theirs
	All      bool         `json:"all,omitempty"`   // everybody's
}

// feed answers what happened after a position, and waits for it.
func (f *Front) feed(c *web.Call) (any, error) {
	if err := f.caller(c, f.Service.MayFollow); err != nil {
		return nil, err
	}
	after, wait, err := feedQuery(c.Request)
	if err != nil {
		return nil, err
	}
	found, err := f.Cache.Changes(c.Context(), after, wait)
	if err != nil {
		return nil, err
	}
	c.Quiet()
	return f.feedAnswer(found), nil
}

func (f *Front) feedAnswer(found authn.Changes) feedJSON {
	out := feedJSON{
		Position: position(found.Head), Reset: found.Reset, LeaseMS: f.Cache.Lease().Milliseconds(),
		AgeMS: int64((found.Age + time.Millisecond - 1) / time.Millisecond), Events: []eventJSON{},
	}
	if found.More {
		out.LeaseMS = 0
	}
	for _, e := range found.Changes {
		at := position(jeton.Head{Epoch: found.Head.Epoch, Position: e.Position})
		out.Events = append(out.Events, eventJSON{Position: at, Action: e.Action, Owner: e.Owner, Also: e.Also, All: e.All})
	}
	return out
}

// feedQuery reads the parameters: "after" may be left out, by who knows nothing yet,
// but not be unreadable.
func feedQuery(r *http.Request) (after jeton.Head, wait time.Duration, err error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(q["after"]) > 1 {
		return after, 0, web.InvalidURL("after")
	}
	if q.Has("after") {
		var ok bool
		if after, ok = parsePosition(q.Get("after")); !ok {
			return after, 0, web.InvalidURL("after")
		}
	}
	if q.Has("wait_ms") && r.Method != http.MethodHead {
		ms, err := strconv.ParseUint(q.Get("wait_ms"), 10, 31)
		if err != nil {
			return after, 0, web.InvalidURL("wait_ms")
		}
		wait = time.Duration(ms) * time.Millisecond
	}
	return after, wait, nil
}
