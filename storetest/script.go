package storetest

import (
	"errors"
	"fmt"

	"jeton"
)

// step is one change of a script: it reads, writes, reads and ends.
type step struct {
	write         write
	end           ending
	before, after bool // call world.observe before and after the write
	prefetch      prefetch
}

func (s step) String() string {
	return fmt.Sprintf("%s, then %s (reads %v %v, prefetches %s)", s.write.name, s.end, s.before, s.after, s.prefetch)
}

// ending is how a change ends after its writes succeeded.
type ending string

const (
	endKept      ending = "kept"
	endRefused   ending = "refused"
	endUnchanged ending = "unchanged"
	endBadEvent  ending = "an event without a target"
	endPanic     ending = "a panic"
	endIgnored   ending = "errors ignored"
)

func endings() []ending {
	return []ending{endKept, endKept, endKept, endRefused, endUnchanged, endBadEvent, endPanic, endIgnored}
}

// prefetch names what a step prefetches.
type prefetch string

func prefetches() []prefetch {
	return []prefetch{"nothing", "token", "session", "owner", "other", "unknown", "wrong kind"}
}

func (w *world) prefetch(p prefetch) jeton.Prefetch {
	switch p {
	case "token":
		return jeton.Prefetch{CredentialID: w.token, Kind: jeton.KindToken, OwnerID: w.owner}
	case "session":
		return jeton.Prefetch{CredentialID: w.session, Kind: jeton.KindSession, OwnerID: w.owner}
	case "owner":
		return jeton.Prefetch{OwnerID: w.owner}
	case "other":
		return jeton.Prefetch{CredentialID: w.id(0), Kind: jeton.KindToken, OwnerID: w.boss}
	case "unknown":
		return jeton.Prefetch{CredentialID: "unknown", Kind: jeton.KindToken, OwnerID: "\xff"}
	case "wrong kind":
		return jeton.Prefetch{CredentialID: w.token, Kind: jeton.KindNone, OwnerID: w.token}
	}
	return jeton.Prefetch{}
}

// change returns the change of a step. The store may call it more than once.
func (w *world) change(i int, s step) func(tx jeton.Tx) (jeton.Event, error) {
	return func(tx jeton.Tx) (e jeton.Event, err error) {
		w.before[i], w.after[i] = "", ""
		if s.before {
			if w.before[i], err = w.observe(tx); err != nil {
				return jeton.Event{}, err
			}
		}
		if err := s.write.do(w, tx, i); err != nil && s.end != endIgnored {
			return jeton.Event{}, err
		}
		if s.after {
			if w.after[i], err = w.observe(tx); err != nil && s.end != endIgnored {
				return jeton.Event{}, err
			}
		}
		return s.end.result(event(w.id(i)))
	}
}

func (e ending) result(kept jeton.Event) (jeton.Event, error) {
	switch e {
	case endRefused:
		return kept, errRefused
	case endUnchanged:
		return kept, jeton.ErrUnchanged
	case endBadEvent:
		kept.Target = ""
	case endPanic:
		panic("a fault of the caller")
	}
	return kept, nil
}

// singly runs the steps one after the other, without prefetch.
func (w *world) singly(steps []step) []Outcome {
	out := make([]Outcome, len(steps))
	for i, s := range steps {
		out[i].Event, out[i].Head, out[i].Err = w.f.run(w.change(i, s))
	}
	return out
}

// together runs the steps as one group.
func (w *world) together(steps []step) []Outcome {
	changes := make([]Change, len(steps))
	for i, s := range steps {
		changes[i] = Change{Prefetch: w.prefetch(s.prefetch), Run: w.change(i, s)}
	}
	return Group(w.f, w.f.store, changes...)
}

// summary describes what a step and its caller observed, without what the contract leaves
// open to a store.
func (w *world) summary(i int, s step, o Outcome) string {
	kept := o.Err == nil && o.Event.Target != ""
	out := fmt.Sprintf("%v: before: %s", s, w.before[i])
	if kept || !s.write.mayFail {
		out += "; after: " + w.after[i]
	}
	if s.write.mayFail {
		return fmt.Sprintf("%s; kept: %v", out, kept)
	}
	return out + "; " + outcome(o)
}

// outcome names the result of a change.
func outcome(o Outcome) string {
	switch {
	case o.Err == nil && o.Event.Target == "":
		return "unchanged"
	case o.Err == nil:
		return "kept"
	}
	for _, named := range append(namedErrors(), errRefused) {
		if errors.Is(o.Err, named) {
			return named.Error()
		}
	}
	return "failed"
}

// isInJournal wants the journal after a head to hold exactly the events of the outcomes, in
// their order, and each outcome to have the head at its event.
func (f *fixture) isInJournal(from jeton.Head, outcomes []Outcome) {
	f.Helper()
	want, at := []jeton.Event{}, from
	for i, o := range outcomes {
		switch outcome(o) {
		case "kept":
			at.Position++
			f.is(fmt.Sprint("position of ", i), o.Event.Position, at.Position)
			f.is(fmt.Sprint("head of ", i), o.Head, at)
			want = append(want, o.Event)
		case "unchanged":
			f.is(fmt.Sprint("head of ", i, ", which changed nothing"), o.Head, at)
			f.is(fmt.Sprint("event of ", i), o.Event, jeton.Event{})
		default:
			f.is(fmt.Sprint("event of ", i), o.Event, jeton.Event{})
		}
	}
	events, head, err := f.store.EventsAfter(f.ctx, from.Position, 10_000)
	f.must(err)
	f.is("events", events, want)
	f.is("head", head, at)
}
