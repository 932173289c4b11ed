package storetest

import (
	"fmt"

	"pgregory.net/rapid"

	"jeton"
)

// testGroupInOrder: changes run in the order in which they were queued, also if they do not
// fit into one transaction.
func testGroupInOrder(f *fixture) {
	const n = 100
	ann := f.user("ann")
	from := f.head()
	out := f.group(n, func(i int, tx jeton.Tx) error {
		return tx.AddToken(jeton.Token{ID: fmt.Sprintf("token%03d", i), UserID: ann.ID}, jeton.Digest{5, byte(i)})
	})
	f.isInJournal(from, out)
	page, err := f.store.Tokens(f.ctx, 0, n+1)
	f.must(err)
	f.is("tokens", len(page.Tokens), n)
	for i, t := range page.Tokens {
		f.is("token", t.ID, fmt.Sprintf("token%03d", i))
	}
}

// testGroupKeepsOthers: if some changes of a group fail, they write nothing, and the others
// are kept.
func testGroupKeepsOthers(f *fixture) {
	ann := f.user("ann")
	from := f.head()
	out := f.group(90, func(i int, tx jeton.Tx) error {
		if err := tx.AddToken(jeton.Token{ID: fmt.Sprintf("t%02d", i), UserID: ann.ID}, jeton.Digest{3, byte(i)}); err != nil {
			return err
		}
		switch i % 3 {
		case 1:
			return errRefused
		case 2:
			return tx.AddUser(jeton.User{ID: ann.ID, Username: fmt.Sprint("x", i)}) // the database refuses it
		}
		return nil
	})
	want := []string{}
	for i, o := range out {
		switch i % 3 {
		case 0:
			f.must(o.Err)
			want = append(want, fmt.Sprintf("t%02d", i))
		case 1:
			f.fails("refused", o.Err, errRefused)
		case 2:
			f.failsOtherwise("failed", o.Err)
		}
	}
	f.isInJournal(from, out)
	page, err := f.store.Tokens(f.ctx, 0, 100)
	f.must(err)
	f.is("tokens", ids(page.Tokens), want)
	f.is("total", page.Total, int64(len(want)))
	for i := range out {
		_, err := f.store.Credential(f.ctx, jeton.Digest{3, byte(i)}, jeton.KindToken)
		f.is(fmt.Sprint("secret ", i), err == nil, i%3 == 0)
	}
}

// faults are steps that are rolled back: they fail before a write, after one, or by one that
// the database refuses.
func faults() []step {
	fault := func(name string, end ending) step { return step{write: writeNamed(name), end: end} }
	return []step{
		fault("nothing", endRefused), fault("nothing", endUnchanged), fault("nothing", endPanic),
		fault("a token", endRefused), fault("a token", endUnchanged), fault("a token", endBadEvent), fault("a token", endPanic),
		fault("roles", endRefused), fault("remove the owner", endPanic),
		fault("the shared secret", endKept), fault("the shared id", endKept), fault("the token's id", endKept),
		fault("the token's secret", endIgnored),
	}
}

// testGroupPairsOfFaults runs each pair of faults between changes that succeed: once with
// changes that only add tokens, and once with updates, too.
func testGroupPairsOfFaults(f *fixture) {
	good := func(name string) step { return step{write: writeNamed(name), end: endKept} }
	for mode, fill := range map[string][3]step{
		"adding":   {good("the shared token"), good("a token"), good("two tokens")},
		"updating": {good("the shared token"), good("roles"), good("a token")},
	} {
		for _, a := range faults() {
			for _, b := range faults() {
				f.pairOfFaults(fmt.Sprintf("%s, with %v and %v", mode, a, b), []step{fill[0], a, fill[1], b, fill[2]})
			}
		}
	}
}

// pairOfFaults runs five steps as a group. The second and the fourth fail.
func (f *fixture) pairOfFaults(name string, steps []step) {
	f.Helper()
	w, model := newWorld(f, len(steps)), newWorld(f, len(steps))
	f.change(func(tx jeton.Tx) error {
		for i := 0; i < len(steps); i += 2 {
			if err := steps[i].write.do(model, tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	from := f.head()
	out := w.together(steps)
	f.isInJournal(from, out)
	for i, o := range out {
		if kept := outcome(o) == "kept"; kept != (i%2 == 0) {
			f.Errorf("%s: change %d: %s, %v", name, i, outcome(o), o.Err)
		}
	}
	f.is(name, w.state(), model.state())
}

// testGroupEqualsSingles: a group of changes has the same result as the same changes run
// singly, for any writes, failures and prefetches.
func testGroupEqualsSingles(f *fixture) {
	f.property(50, func(f *fixture, t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawStep), 1, 12).Draw(t, "steps")
		f.sameOutcome(steps)
	})
}

func drawStep(t *rapid.T) step {
	return step{
		write: rapid.SampledFrom(writes()).Draw(t, "write"), end: rapid.SampledFrom(endings()).Draw(t, "end"),
		before: rapid.Bool().Draw(t, "before"), after: rapid.Bool().Draw(t, "after"),
		prefetch: rapid.SampledFrom(prefetches()).Draw(t, "prefetch"),
	}
}

// sameOutcome runs the steps singly, without prefetch, and then as a group.
func (f *fixture) sameOutcome(steps []step) {
	f.Helper()
	single, group := newWorld(f, len(steps)), newWorld(f, len(steps))
	from := f.head()
	singly := single.singly(steps)
	f.isInJournal(from, singly)
	from = f.head()
	together := group.together(steps)
	f.isInJournal(from, together)
	for i, s := range steps {
		f.is(fmt.Sprint("step ", i), group.summary(i, s, together[i]), single.summary(i, s, singly[i]))
	}
	f.is("what is stored", group.state(), single.state())
}

// testPrefetchSameOutcome: what a change prefetches never hides a write of an earlier change
// of the same group.
func testPrefetchSameOutcome(f *fixture) {
	for _, name := range []string{
		"disable", "remove", "roles", "deactivate the owner", "remove the owner", "end the session", "a session", "a token", "two tokens",
	} {
		for _, end := range []ending{endKept, endRefused} {
			for _, p := range prefetches() {
				read := step{write: writeNamed("nothing"), end: endKept, before: true, prefetch: p}
				create := step{write: writeNamed("a token"), end: endKept, before: true, after: true, prefetch: p}
				f.sameOutcome([]step{read, {write: writeNamed(name), end: end, before: true, after: true, prefetch: p}, create, read})
			}
		}
	}
}
