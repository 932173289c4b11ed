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
	Position string      `json:"position"` // the value of after for the next request
	AgeMS    int64       `json:"age_ms"`   // the greatest possible age of the answer when the server sends it
	LeaseMS  int64       `json:"lease_ms"` // how long the client's cache may be used after this answer; 0: not at all, there are more events
	Reset    bool        `json:"reset"`    // the client must drop its whole cache
	Events   []eventJSON `json:"events"`
}

// eventJSON names the owners whose entries a cache must drop.
type eventJSON struct {
	Position string       `json:"position"`
	Action   jeton.Action `json:"action"`
	Owner    string       `json:"owner,omitempty"` // a user's id
	Also     []string     `json:"also,omitempty"`  // the ids of other users
	All      bool         `json:"all,omitempty"`   // the entries of all owners
}

// feed answers the events after a position. It waits for one, up to wait_ms.
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

// feedQuery reads the parameters. Without "after" it returns the zero Head: a client with
// an empty cache has no position.
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
