package storetest

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"jeton"
)

func testJournalRoundTrip(f *fixture) {
	want := jeton.Event{
		At: start, Actor: "actor", Via: "token:x", Action: jeton.TokenCreate, Target: "thing",
		Detail: jeton.Detail{Owner: "o", Address: "192.0.2.1", Refused: true, Count: 7, Note: "ü \" \\ 🙂"},
	}
	got, h, err := f.run(func(jeton.Tx) (jeton.Event, error) { return want, nil })
	f.must(err)
	want.Position = got.Position
	f.is("returned", got, want)
	f.is("the head returned", h, f.head())
	events, err := f.store.Events(f.ctx, jeton.EventFilter{}, 0, 10)
	f.must(err)
	f.is("read", events, []jeton.Event{want})
	plain := f.change(func(jeton.Tx) error { return nil })
	events, head, err := f.store.EventsAfter(f.ctx, want.Position, 10)
	f.must(err)
	f.is("after", events, []jeton.Event{plain})
	f.is("head", head.Position, plain.Position)

	// An event with invalid text must not fail.
	odd, _, err := f.run(func(jeton.Tx) (jeton.Event, error) {
		return jeton.Event{At: start, Actor: "a\x00\xff", Action: "test", Target: "t\x00", Detail: jeton.Detail{Note: "n\x00\xff"}}, nil
	})
	f.must(err)
	events, _, err = f.store.EventsAfter(f.ctx, odd.Position-1, 10)
	f.must(err)
	f.is("odd", len(events), 1)
}

func testJournalPages(f *fixture) {
	var all []jeton.Event // newest first
	for i := range 9 {
		e, _, err := f.run(func(jeton.Tx) (jeton.Event, error) {
			return jeton.Event{At: start, Actor: fmt.Sprint("actor", i%2), Action: "test", Target: fmt.Sprint("target", i)}, nil
		})
		f.must(err)
		all = append([]jeton.Event{e}, all...)
	}
	var even []jeton.Event
	for _, e := range all {
		if e.Actor == "actor0" {
			even = append(even, e)
		}
	}
	for _, c := range []struct{ offset, limit, from, to int64 }{
		{0, 100, 0, 9}, {0, 4, 0, 4}, {4, 4, 4, 8}, {8, 4, 8, 9}, {9, 4, 9, 9}, {math.MaxInt64, 200, 9, 9}, {0, 0, 9, 9},
	} {
		got, err := f.store.Events(f.ctx, jeton.EventFilter{}, c.offset, c.limit)
		f.must(err)
		f.is(fmt.Sprintf("%d from %d", c.limit, c.offset), got, append([]jeton.Event{}, all[c.from:c.to]...))
		from, to := min(c.from, 5), min(c.to, 5)
		got, err = f.store.Events(f.ctx, jeton.EventFilter{Actor: "actor0"}, c.offset, c.limit)
		f.must(err)
		if c.limit == 0 {
			from = to
		}
		f.is(fmt.Sprintf("%d from %d of one actor", c.limit, c.offset), got, append([]jeton.Event{}, even[from:to]...))
	}
}

func testEventsAfter(f *fixture) {
	var all []jeton.Event
	for range 5 {
		all = append(all, f.change(func(jeton.Tx) error { return nil }))
	}
	h, err := f.store.Head(f.ctx)
	f.must(err)
	f.is("head", h.Position, all[4].Position)
	for _, c := range []struct {
		position, limit int64
		want            []jeton.Event
	}{
		{0, 100, all},
		{all[1].Position, 2, all[2:4]},
		{all[4].Position, 10, []jeton.Event{}},
		{math.MaxInt64, 10, []jeton.Event{}},
		{0, 0, []jeton.Event{}},
	} {
		got, head, err := f.store.EventsAfter(f.ctx, c.position, c.limit)
		f.must(err)
		f.is(fmt.Sprintf("%d after %d", c.limit, c.position), got, c.want)
		f.is("head", head, h)
	}
}

// testEventsFilter: a page has the events that meet every condition of a filter, the newest
// first.
func testEventsFilter(f *fixture) {
	var all []jeton.Event // newest first
	for i := range 60 {
		e, _, err := f.run(func(jeton.Tx) (jeton.Event, error) {
			return jeton.Event{
				At: start + int64(i), Actor: fmt.Sprint("actor", i%2), Action: []jeton.Action{"a.a", "b.b", "c.c"}[i%3],
				Target: fmt.Sprint("target", i%5), Detail: jeton.Detail{Owner: []string{"", "ann", "bob", "eve"}[i%4], Refused: i%7 < 3},
			}, nil
		})
		f.must(err)
		all = append([]jeton.Event{e}, all...)
	}
	yes, no := true, false
	for mask := range 1 << 6 {
		filter, pick := jeton.EventFilter{}, func(on int, value string) string {
			if mask&on == 0 {
				return ""
			}
			return value
		}
		filter.Actor, filter.Owner, filter.Target = pick(1, "actor1"), pick(2, "ann"), pick(4, "target1")
		filter.Action = jeton.Action(pick(8, "b.b"))
		if mask&16 != 0 {
			filter.Refused = &yes
		} else if mask&32 != 0 {
			filter.Refused = &no
		}
		want := []jeton.Event{}
		for _, e := range all {
			if (filter.Actor == "" || filter.Actor == e.Actor) && (filter.Owner == "" || filter.Owner == e.Detail.Owner) &&
				(filter.Target == "" || filter.Target == e.Target) && (filter.Action == "" || filter.Action == e.Action) &&
				(filter.Refused == nil || *filter.Refused == e.Detail.Refused) {
				want = append(want, e)
			}
		}
		got, err := f.store.Events(f.ctx, filter, 0, 100)
		f.must(err)
		f.is(fmt.Sprint("filter ", mask), got, want)
		got, err = f.store.Events(f.ctx, filter, 1, 2)
		f.must(err)
		f.is(fmt.Sprint("page of filter ", mask), got, want[min(1, len(want)):min(3, len(want))])
	}
}

// testRefusalsCleared: old refusals are removed, in batches, and nothing else; pages, the
// events after a position and the head are right in a journal with gaps.
func testRefusalsCleared(f *fixture) {
	var all []jeton.Event // newest first
	for i := range 40 {
		e, _, err := f.run(func(jeton.Tx) (jeton.Event, error) {
			return jeton.Event{At: start + int64(i), Action: "test", Target: "x", Detail: jeton.Detail{Refused: i%3 > 0 || i > 30}}, nil
		})
		f.must(err)
		all = append([]jeton.Event{e}, all...)
	}
	clear := func(before, limit int64) int64 {
		n, err := f.store.ClearOld(f.ctx, jeton.Old{RefusedBefore: before, Limit: limit})
		f.must(err)
		return n
	}
	remains := func(before int64) (out []jeton.Event) {
		for i, e := range all {
			if !e.Detail.Refused || e.At >= before || i == 0 {
				out = append(out, e)
			}
		}
		return out
	}
	f.is("none is old", clear(start, 10), int64(0))
	f.is("a batch", []int64{clear(start+10, 4), clear(start+10, 4), clear(start+10, 4)}, []int64{4, 2, 0})
	f.is("the last stays", clear(start+1000, 1000), int64(22))
	all = remains(start + 1000)
	head := f.head()
	f.is("head", head.Position, int64(40))
	for offset := range int64(len(all) + 2) {
		got, err := f.store.Events(f.ctx, jeton.EventFilter{}, offset, 3)
		f.must(err)
		from := min(offset, int64(len(all)))
		f.is(fmt.Sprint("page from ", offset), got, append([]jeton.Event{}, all[from:min(from+3, int64(len(all)))]...))
	}
	after, h, err := f.store.EventsAfter(f.ctx, 0, 100)
	f.must(err)
	slices.Reverse(after)
	f.is("after", after, all)
	f.is("the head with them", h, head)
	f.is("what follows", f.change(func(jeton.Tx) error { return nil }).Position, head.Position+1)
}

// testNotes: notes are written after the queued changes, in the order of the calls.
func testNotes(f *fixture) {
	f.is("no notes", f.store.Note(), 0)
	held := Hold(f, f.store)
	f.is("two notes", f.store.Note(event("0"), event("1")), 2)
	f.is("one note", f.store.Note(event("2\x00")), 1)
	var change jeton.Event
	held.Queue(func() { change, _ = f.try(func(jeton.Tx) error { return nil }) })
	held.Release()
	f.is("the change that waited", change.Position, int64(1))
	events := f.eventsUntil(4)
	for i, e := range events[1:] {
		f.is("target", e.Target[:1], fmt.Sprint(i))
	}
	f.is("what follows", f.change(func(jeton.Tx) error { return nil }).Position, int64(5))
}

// eventsUntil waits until there are n events and returns all of them.
func (f *fixture) eventsUntil(n int) []jeton.Event {
	f.Helper()
	for until := time.Now().Add(waitLimit); ; runtime.Gosched() {
		events, head, err := f.store.EventsAfter(f.ctx, 0, math.MaxInt32)
		f.must(err)
		for i, e := range events {
			f.is("position", e.Position, int64(i+1))
		}
		f.is("head", head.Position, int64(len(events)))
		if len(events) >= n {
			return events
		}
		if time.Now().After(until) {
			f.Fatalf("%d of %d events were written", len(events), n)
		}
	}
}

// testNotesBounded: Note accepts as many events as fit into the queue, from the first on, and
// returns their number.
func testNotesBounded(f *fixture) {
	const batch, enough = 100, 1_000_000
	held := Hold(f, f.store)
	accepted, full := 0, false
	for n := 0; !full && n < enough; n += batch {
		notes := make([]jeton.Event, batch)
		for i := range notes {
			notes[i] = event(fmt.Sprint(n + i))
		}
		n := f.store.Note(notes...)
		accepted, full = accepted+n, n < batch
	}
	if !full {
		f.Fatalf("%d notes fit into the queue", accepted)
	}
	f.is("when the queue is full", f.store.Note(event("lost")), 0)
	held.Release()
	events := f.eventsUntil(accepted)
	for i, e := range events {
		if e.Target != fmt.Sprint(i) {
			f.Fatalf("the note at %d is %q", i, e.Target)
		}
	}
	f.is("after the queue was written", f.store.Note(event("more")), 1)
	f.is("all notes", len(f.eventsUntil(accepted+1)), accepted+1)
}
