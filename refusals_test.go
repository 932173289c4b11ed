package jeton

import (
	"fmt"
	"testing"
	"time"
)

// open is jeton.Limits that allow everything; own bounds the lines that name a client and
// an account.
type open struct {
	Limits
	own *int
}

func (o open) Refusal(kind RefusalLine, _, _ string, _ time.Time) bool {
	if o.own == nil || kind != RefusalOwn {
		return true
	}
	*o.own--
	return *o.own >= 0
}

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

// counted returns how many refusals the events count, by what they name.
func (q *queue) counted() map[string]int {
	out := map[string]int{}
	for _, e := range q.events {
		out[fmt.Sprintf("%s|%s|%s|%s", e.Detail.Address, e.Actor, e.Target, e.Detail.Note)] += max(1, e.Detail.Count)
	}
	return out
}

type refusing struct {
	*refusals
	queue queue
	now   time.Time
}

func newRefusing(room int, l Limits) *refusing {
	r := &refusing{queue: queue{room: room}, now: time.UnixMilli(1_700_000_000_000).Truncate(time.Minute)}
	r.refusals = newRefusals(r.queue.note, l, func() time.Time { return r.now })
	return r
}

// fail is a failed log-in on an account.
func (r *refusing) fail(network, account string) {
	r.add(network, Event{Action: SessionCreate, Target: account, Detail: Detail{Owner: account, Address: network}})
}

// A line is of one client, one action, one account and one minute: none hides another.
func TestRefusalsNameTheirAccount(t *testing.T) {
	r := newRefusing(1000, open{})
	r.fail("10.0.0.1", "") // a name that does not exist
	for range 8 {
		r.fail("10.0.0.1", "victim")
	}
	for i := range 50 {
		r.fail("10.0.0.2", fmt.Sprint("user", i))
	}
	r.flush(true)
	got := r.queue.counted()
	if got["10.0.0.1|||"] != 1 || got["10.0.0.1||victim|"] != 8 || len(got) != 52 {
		t.Errorf("%d lines: %v", len(got), got)
	}
}

// What may not begin a line of its own is counted by its account, then by its client, and
// what a line does not name is named only while all its refusals agree in it.
func TestRefusalsThatShareALine(t *testing.T) {
	own := 1
	r := newRefusing(1000, open{own: &own})
	r.fail("10.0.0.1", "decoy")
	r.fail("10.0.0.2", "decoy")
	r.fail("10.0.0.3", "decoy")
	r.fail("10.0.0.4", "victim")
	r.fail("10.0.0.4", "victim")
	r.fail("10.0.0.5", "")
	r.flush(true)
	want := map[string]int{
		"10.0.0.1||decoy|": 1, "10.0.0.2||decoy|": 1, "||decoy|by many": 1, "10.0.0.4||victim|": 2, "10.0.0.5|||": 1,
	}
	if got := r.queue.counted(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if by := r.read().ByLine; by != [RefusalLines]int64{1, 4, 1, 0} {
		t.Errorf("by line: %v", by)
	}
}

// Counts that the store does not accept are written later: no refusal is lost or written
// twice.
func TestRefusalsThatAreNotTaken(t *testing.T) {
	r := newRefusing(100, open{})
	const networks, each = 300, 3
	for i := range networks * each {
		r.fail(fmt.Sprint("10.0.0.", i%networks), "ann")
	}
	if n := len(r.queue.events); n != 100 {
		t.Fatalf("%d lines at once, want 100", n)
	}
	written := r.queue.empty()
	for minute := 0; written < networks*each && minute < 10; minute++ {
		r.now = r.now.Add(time.Minute)
		r.fail("10.0.0.1", "ann")
		written += r.queue.empty() - 1
		r.flush(false)
		written += r.queue.empty()
	}
	r.now = r.now.Add(time.Minute)
	r.flush(false)
	if written += r.queue.empty(); written != networks*each || len(r.lines) != 0 {
		t.Errorf("%d refusals written, want %d; %d lines left", written, networks*each, len(r.lines))
	}
}

// The number of lines is bounded for any number of networks, also while the store accepts
// nothing for a long time. Known actors have lines that networks cannot take, and no
// refusal is lost.
func TestRefusalsAreBounded(t *testing.T) {
	r := newRefusing(0, open{})
	const minutes, each = 5, maxRefusals + 100
	for minute := range minutes {
		for i := range each {
			r.fail(fmt.Sprint(minute, ".", i), "ann")
		}
		r.count(Actor{Owner: Owner{ID: "eve"}, Network: "10.0.0.1"}, UserPassword, "", "root")
		r.now = r.now.Add(time.Minute)
		r.flush(false)
	}
	if len(r.lines) > maxRefusals {
		t.Errorf("%d lines", len(r.lines))
	}
	if n := r.read().Pending; n != minutes*(each+1) {
		t.Errorf("%d refusals wait, want %d", n, minutes*(each+1))
	}
	r.queue.room = 2 * maxRefusals
	r.flush(true)
	if n := r.queue.counted()["|eve|root|"]; n != minutes {
		t.Errorf("%d refusals of a known actor are named, want %d", n, minutes)
	}
	if n := r.queue.empty(); n != minutes*(each+1) {
		t.Errorf("%d refusals written, want %d", n, minutes*(each+1))
	}
}

// At the end all counts are passed on, also when the store accepts only a part at a time.
func TestRefusalsEnd(t *testing.T) {
	r := newRefusing(0, open{})
	for i := range 500 {
		r.fail(fmt.Sprint("10.0.0.", i), "ann")
	}
	written := 0
	r.note = func(events ...Event) int {
		n := min(len(events), 30)
		written += n
		return n
	}
	r.end(10 * time.Second)
	if written != 500 || r.read().Pending != 0 {
		t.Errorf("%d written, %d left", written, r.read().Pending)
	}
	r.fail("10.0.0.1", "ann")
	r.note = func(...Event) int { return 0 }
	r.fail("10.0.0.1", "ann")
	if r.end(time.Millisecond); r.read().Pending != 1 {
		t.Errorf("%d wait", r.read().Pending)
	}
}
