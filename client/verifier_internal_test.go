package client

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// A reader that sees the count of an applied event also sees its position. Otherwise the answer
// of a lagging node would be cached as if that node knew the event.
func TestHeardNoLaterThanApplied(t *testing.T) {
	const events = 200_000
	c := newCache(64)
	c.apply(Feed{Position: "e.0"})
	var end atomic.Bool
	var readers sync.WaitGroup
	readers.Go(func() {
		for !end.Load() {
			asOf, at := c.marks.applied(), c.position()
			if at.number < asOf {
				t.Errorf("event %d is applied, but the position is %d", asOf, at.number)
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
