package storetest

import (
	"fmt"
	"math"
	"time"

	"jeton"
)

func testJournalRoundTrip(f *fixture) {
	want := jeton.Event{
		At: start, Actor: "somebody", Via: "token:x", Action: jeton.TokenCreate, Target: "thing",
		Detail: jeton.Detail{Owner: "o", Address: "192.0.2.1", Refused: true, Count: 7, Note: "ü \" \\ 🙂"},
	}
	got, err := f.store.Change(f.ctx, func(jeton.Tx) (jeton.Event, error) { return want, nil })
	f.must(err)
	want.Position = got.Position
	f.is("returned", got, want)
	events, err := f.store.Events(f.ctx, jeton.EventFilter{}, 0, 10)
	f.must(err)
	f.is("read", events, []jeton.Event{want})
	plain := f.change(func(jeton.Tx) error { return nil })
	events, head, err := f.store.EventsAfter(f.ctx, want.Position, 10)
	f.must(err)
	f.is("after", events, []jeton.Event{plain})
	f.is("head", head.Position, plain.Position)

	// What a stranger sent never makes an event fail.
	odd, err := f.store.Change(f.ctx, func(jeton.Tx) (jeton.Event, error) {
		return jeton.Event{At: start, Actor: "a\x00\xff", Action: "test", Detail: jeton.Detail{Note: "n\x00\xff"}}, nil
	})
	f.must(err)
	events, _, err = f.store.EventsAfter(f.ctx, odd.Position-1, 10)
	f.must(err)
	f.is("odd", len(events), 1)
}

func testJournalPages(f *fixture) {
	var all []jeton.Event // the newest first
	for i := range 9 {
		e, err := f.store.Change(f.ctx, func(jeton.Tx) (jeton.Event, error) {
			return jeton.Event{At: start, Actor: fmt.Sprint("actor", i%2), Action: "test", Target: fmt.Sprint(i)}, nil
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

// testJournalInChange: a change sees the events of those before it, though they
// may wait in memory, and not its own, which is not there yet.
func testJournalInChange(f *fixture) {
	errs := f.parallel(20, func(_ int, tx jeton.Tx) error {
		newest, err := tx.Events(f.ctx, jeton.EventFilter{}, 0, 3)
		if err != nil {
			return err
		}
		after, head, err := tx.EventsAfter(f.ctx, 0, 100)
		if err != nil {
			return err
		}
		if int64(len(after)) != head.Position {
			return fmt.Errorf("%d events, and the head is at %d", len(after), head.Position)
		}
		for i, e := range after {
			if e.Position != int64(i+1) {
				return fmt.Errorf("event %d stands at %d", e.Position, i+1)
			}
		}
		for i, e := range newest {
			if e.Position != head.Position-int64(i) {
				return fmt.Errorf("event %d is the newest but %d, and the head is at %d", e.Position, i, head.Position)
			}
		}
		second, err := tx.Events(f.ctx, jeton.EventFilter{Actor: jeton.ActorLocal}, 1, 1)
		if err == nil && len(newest) > 1 && second[0].Position != newest[1].Position {
			err = fmt.Errorf("the second is %d, not %d", second[0].Position, newest[1].Position)
		}
		return err
	})
	for _, err := range errs {
		f.must(err)
	}
}

func testNotes(f *fixture) {
	f.store.Note()
	f.store.Note(jeton.Event{At: start, Action: "noted", Target: "1"}, jeton.Event{At: start, Action: "noted", Target: "2"})
	f.store.Note(jeton.Event{At: start, Action: "noted", Target: "3\x00"})
	until := time.Now().Add(10 * time.Second)
	for {
		events, head, err := f.store.EventsAfter(f.ctx, 0, 10)
		f.must(err)
		if len(events) == 3 {
			for i, e := range events {
				f.is("position", e.Position, int64(i+1))
				f.is("target", e.Target[:1], fmt.Sprint(i+1))
			}
			f.is("head", head.Position, int64(3))
			break
		}
		if time.Now().After(until) {
			f.Fatalf("%d notes were written", len(events))
		}
		time.Sleep(time.Millisecond)
	}
	f.is("what follows", f.change(func(jeton.Tx) error { return nil }).Position, int64(4))
}
