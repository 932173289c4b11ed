package jeton

import (
	"fmt"
	"testing"
	"time"
)

// open is jeton.Limits that allow everything.
type open struct{}

func (open) LogIn(string, string, time.Time) (func(), time.Duration) { return func() {}, 0 }
func (open) Refusal(string, time.Time) bool                          { return true }

// queue accepts as many events as it has room for.
type queue struct {
	room   int
	events []Event
}

func (q *queue) note(events ...Event) int {
	n := min(len(events), q.room-len(q.events))
	q.events = append(q.events, events[:n]...)
	return n
}

// empty removes the events and returns the number of refusals that they count.
func (q *queue) empty() (total int) {
	for _, e := range q.events {
		total += max(1, e.Detail.Count)
	}
	q.events = nil
	return total
}

// Counts that the store does not accept are written later: no refusal is lost or written
// twice.
func TestRefusalsThatAreNotTaken(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	q := &queue{room: 100}
	r := newRefusals(q.note, open{}, func() time.Time { return now })
	const networks, each = 300, 3
	for i := range networks * each {
		network := fmt.Sprint("10.0.0.", i%networks)
		r.add(network, Event{Action: SessionCreate, Detail: Detail{Address: network}})
	}
	if n := len(q.events); n != 100 {
		t.Fatalf("%d lines at once, want 100", n)
	}
	written := q.empty()
	for minute := 0; written < networks*each && minute < 10; minute++ {
		now = now.Add(time.Minute)
		r.add("10.0.0.1", Event{Action: SessionCreate, Detail: Detail{Address: "10.0.0.1"}})
		written += q.empty() - 1
		r.flush(false)
		written += q.empty()
	}
	now = now.Add(time.Minute)
	r.flush(false)
	if written += q.empty(); written != networks*each || len(r.seen) != 0 {
		t.Errorf("%d refusals written, want %d; %d lines left", written, networks*each, len(r.seen))
	}
}

// The number of lines is bounded for any number of networks, also while the store accepts
// nothing.
func TestRefusalsAreBounded(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	q := &queue{}
	r := newRefusals(q.note, open{}, func() time.Time { return now })
	for minute := range 3 {
		for i := range maxRefusals + 100 {
			r.add(fmt.Sprint(minute, ".", i), Event{Action: SessionCreate})
		}
		now = now.Add(time.Minute)
		r.flush(false)
	}
	if len(r.seen) > maxRefusals+1 {
		t.Errorf("%d lines", len(r.seen))
	}
	q.room = 2 * maxRefusals
	r.flush(true)
	if n := q.empty(); n != 3*(maxRefusals+100) {
		t.Errorf("%d refusals written, want %d", n, 3*(maxRefusals+100))
	}
}
