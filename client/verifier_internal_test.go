package client

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// Who sees that an event was applied sees how far the feed was heard, too: else what
// another node, still behind, says of a token would be kept as if it knew the event.
func TestHeardNoLaterThanApplied(t *testing.T) {
	const events = 200_000
	c := newCache(64)
	c.apply(Feed{Position: "e.0"})
	var end atomic.Bool
	var readers sync.WaitGroup
	readers.Go(func() {
		for !end.Load() {
			asOf, heard := c.marks.applied(), c.position()
			if heard.number < asOf {
				t.Errorf("event %d is applied, and the feed heard up to %d", asOf, heard.number)
				return
			}
		}
	})
	for i := range events {
		at := "e." + strconv.Itoa(i+1)
		c.apply(Feed{Position: at, Events: []FeedEvent{{Position: at, Owner: "ann"}}})
	}
	end.Store(true)
	readers.Wait()
}
