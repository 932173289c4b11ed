package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"jeton"
)

// parallel runs n changes of which many share a group: they queue up behind one
// that waits for them.
func (f *fixture) parallel(n int, fn func(i int, tx jeton.Tx) error) []error {
	f.Helper()
	release := f.hold()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, errs[i] = f.try(func(tx jeton.Tx) error { return fn(i, tx) }) })
	}
	release()
	wg.Wait()
	return errs
}

// hold keeps the store busy with a change that writes nothing, until it is
// released and has ended.
func (f *fixture) hold() (release func()) {
	begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = f.store.Change(context.WithoutCancel(f.ctx), func(jeton.Tx) (jeton.Event, error) {
			close(begun)
			<-end
			return jeton.Event{}, nil
		})
	}()
	<-begun
	return func() { close(end); <-ended }
}

func (f *fixture) position() int64 {
	f.Helper()
	h, err := f.store.Head(f.ctx)
	f.must(err)
	return h.Position
}

func testChangeFails(f *fixture) {
	ann := f.user("ann")
	before := f.position()
	e, err := f.try(func(tx jeton.Tx) error {
		if err := tx.AddToken(f.ctx, f.newToken(ann.ID), f.digest()); err != nil {
			return err
		}
		if err := tx.AddUser(f.ctx, jeton.User{ID: f.id(), Username: "bob"}); err != nil {
			return err
		}
		return errRefused
	})
	if err != errRefused { //nolint:errorlint // as it is, not wrapped
		f.Errorf("error %v", err)
	}
	f.is("event", e, jeton.Event{})
	f.is("position", f.position(), before)
	_, err = f.store.UserByName(f.ctx, "bob")
	f.fails("the user", err, jeton.ErrNotFound)
	page, err := f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("tokens", page.Total, int64(0))
	first := f.token(ann.ID)
	second := f.token(ann.ID)
	f.is("order", first.Seq < second.Seq, true)
}

func testChangeWithoutEvent(f *fixture) {
	before := f.position()
	e, err := f.store.Change(f.ctx, func(tx jeton.Tx) (jeton.Event, error) {
		err := tx.AddUser(f.ctx, jeton.User{ID: f.id(), Username: "bob"}) // a fault: it says that it did nothing
		return jeton.Event{Target: "x"}, err
	})
	f.must(err)
	f.is("position", e.Position, int64(0))
	f.is("head", f.position(), before)
	_, err = f.store.UserByName(f.ctx, "bob")
	f.fails("the write", err, jeton.ErrNotFound)
}

func testChangePanics(f *fixture) {
	errs := f.parallel(3, func(i int, tx jeton.Tx) error {
		err := tx.AddUser(f.ctx, jeton.User{ID: fmt.Sprint("user", i), Username: fmt.Sprint("user", i)})
		if i == 1 {
			panic("a fault of the caller")
		}
		return err
	})
	f.failsOtherwise("the one that panicked", errs[1])
	f.must(errs[0])
	f.must(errs[2])
	_, err := f.store.UserByName(f.ctx, "user1")
	f.fails("its write", err, jeton.ErrNotFound)
	_, err = f.store.UserByName(f.ctx, "user2")
	f.must(err)
}

// testChangeGoesOn: a change that goes on after a write failed must not be kept.
func testChangeGoesOn(f *fixture) {
	ann := f.user("ann")
	before := f.position()
	_, err := f.try(func(tx jeton.Tx) error {
		_ = tx.AddUser(f.ctx, jeton.User{ID: ann.ID, Username: "other"}) // the id is taken: a failure
		_ = tx.AddUser(f.ctx, jeton.User{ID: f.id(), Username: "bob"})
		return nil
	})
	f.failsOtherwise("the change", err)
	f.is("position", f.position(), before)
	_, err = f.store.UserByName(f.ctx, "bob")
	f.fails("what followed", err, jeton.ErrNotFound)
}

func testChangeSeesItself(f *fixture) {
	u := jeton.User{ID: f.id(), Username: "ann", Email: "ann@example.com", Roles: []string{"own"}}
	f.change(func(tx jeton.Tx) error {
		if err := tx.AddUser(f.ctx, u); err != nil {
			return err
		}
		token := f.newToken(u.ID)
		if err := tx.AddToken(f.ctx, token, f.digest()); err != nil {
			return err
		}
		if _, err := tx.UserByName(f.ctx, "ann"); err != nil {
			return err
		}
		of, err := tx.TokensOf(f.ctx, u.ID, 0, 10)
		if err != nil || of.Total != 1 {
			return fmt.Errorf("tokens of ann: %v, %w", of, err)
		}
		all, err := tx.Tokens(f.ctx, 0, 10)
		if err != nil || all.Total != 1 || all.Tokens[0].ID != token.ID {
			return fmt.Errorf("all tokens: %v, %w", all, err)
		}
		users, err := tx.Users(f.ctx, jeton.UserFilter{Role: "own"}, 0, 10)
		if err != nil || len(users) != 1 {
			return fmt.Errorf("users: %v, %w", users, err)
		}
		if _, err := f.store.UserByName(f.ctx, "ann"); err == nil {
			return fmt.Errorf("others see it before it is done")
		}
		return nil
	})
}

func testChangeCancelled(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	release := f.hold()
	var ran atomic.Bool
	result := make(chan error, 1)
	go func() {
		_, err := f.store.Change(ctx, func(jeton.Tx) (jeton.Event, error) {
			ran.Store(true)
			return event("x"), nil
		})
		result <- err
	}()
	cancel()
	f.fails("cancelled in the queue", <-result, context.Canceled)
	release()
	_, err := f.store.Change(ctx, func(jeton.Tx) (jeton.Event, error) {
		ran.Store(true)
		return event("x"), nil
	})
	f.fails("cancelled before", err, context.Canceled)
	f.change(func(jeton.Tx) error { return nil })
	f.is("ran", ran.Load(), false)
}

// testChangeBegun: what has begun is seen to its end, whoever hangs up.
func testChangeBegun(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	e, err := f.store.Change(ctx, func(tx jeton.Tx) (jeton.Event, error) {
		cancel()
		return event("x"), tx.AddUser(ctx, jeton.User{ID: f.id(), Username: "ann"})
	})
	f.must(err)
	f.is("position", e.Position, f.position())
	_, err = f.store.UserByName(f.ctx, "ann")
	f.must(err)
}

// testChangesAlone: what one change decides on is not changed by another.
func testChangesAlone(f *fixture) {
	ann := f.user("ann")
	const limit = 5
	errs := f.parallel(20, func(i int, tx jeton.Tx) error {
		_, n, err := tx.OwnerTokens(f.ctx, ann.ID)
		if err != nil {
			return err
		}
		if n >= limit {
			return errRefused
		}
		t := jeton.Token{ID: fmt.Sprint("token", i), UserID: ann.ID}
		return tx.AddToken(f.ctx, t, jeton.Digest{1, byte(i)})
	})
	added := 0
	for _, err := range errs {
		if err == nil {
			added++
		} else {
			f.fails("over the limit", err, errRefused)
		}
	}
	f.is("added", added, limit)
	page, err := f.store.TokensOf(f.ctx, ann.ID, 0, 100)
	f.must(err)
	f.is("there", page.Total, int64(limit))
}

// testChangesOrdered: positions have no gaps and no repeats, and a change that
// began after another was answered stands behind it.
func testChangesOrdered(f *fixture) {
	const writers, each = 8, 12
	positions := make([][]int64, writers)
	seqs := make([][]string, writers)
	ann := f.user("ann")
	from := f.position()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				id := fmt.Sprintf("token-%d-%d", w, i)
				e, err := f.try(func(tx jeton.Tx) error {
					if i%4 == 3 {
						return errRefused
					}
					return tx.AddToken(f.ctx, jeton.Token{ID: id, UserID: ann.ID}, jeton.Digest{2, byte(w), byte(i)})
				})
				if err == nil {
					positions[w], seqs[w] = append(positions[w], e.Position), append(seqs[w], id)
				}
			}
		})
	}
	wg.Wait()
	var all []int64
	for w := range writers {
		f.is("in the writer's order", slices.IsSorted(positions[w]), true)
		all = append(all, positions[w]...)
	}
	slices.Sort(all)
	f.is("changes", len(all), writers*each*3/4)
	for i, p := range all {
		f.is("position", p, from+int64(i)+1)
	}
	page, err := f.store.Tokens(f.ctx, 0, 200)
	f.must(err)
	f.is("total", page.Total, int64(len(all)))
	order := ids(page.Tokens)
	for w := range writers {
		at := -1
		for _, id := range seqs[w] {
			next := slices.Index(order, id)
			f.is("created in the writer's order", next > at, true)
			at = next
		}
	}
}

// testNeighboursSurvive: of one group, those that fail leave nothing, and the
// others lose nothing.
func testNeighboursSurvive(f *fixture) {
	ann := f.user("ann")
	errs := f.parallel(30, func(i int, tx jeton.Tx) error {
		if err := tx.AddToken(f.ctx, jeton.Token{ID: fmt.Sprintf("t%02d", i), UserID: ann.ID}, jeton.Digest{3, byte(i)}); err != nil {
			return err
		}
		switch i % 3 {
		case 1:
			return errRefused
		case 2:
			return tx.AddUser(f.ctx, jeton.User{ID: ann.ID, Username: fmt.Sprint("x", i)}) // fails in the database
		}
		return nil
	})
	want := []string{}
	for i, err := range errs {
		switch i % 3 {
		case 0:
			f.must(err)
			want = append(want, fmt.Sprintf("t%02d", i))
		case 1:
			f.fails("refused", err, errRefused)
		case 2:
			f.failsOtherwise("failed", err)
		}
	}
	page, err := f.store.Tokens(f.ctx, 0, 100)
	f.must(err)
	got := ids(page.Tokens)
	slices.Sort(got)
	f.is("left", got, want)
	f.is("total", page.Total, int64(len(want)))
	for i := range errs {
		_, err := f.store.Credential(f.ctx, jeton.Digest{3, byte(i)}, jeton.KindToken)
		f.is(fmt.Sprint("secret ", i), err == nil, i%3 == 0)
	}
}

// testReadersWaitForNobody: reads go on while a change is under way.
func testReadersWaitForNobody(f *fixture) {
	ann := f.user("ann")
	release := f.hold()
	defer release()
	for range 10 {
		_, err := f.store.User(f.ctx, ann.ID)
		f.must(err)
		_, err = f.store.Tokens(f.ctx, 0, 10)
		f.must(err)
	}
}

func testReadCancelled(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	_, err := f.store.User(ctx, f.id())
	f.fails("one row", err, context.Canceled)
	_, err = f.store.Tokens(ctx, 0, 10)
	f.fails("a page", err, context.Canceled)
	_, err = f.store.Users(ctx, jeton.UserFilter{}, 0, 10)
	f.fails("a list", err, context.Canceled)
}

// testCloseDrains: what waited when Close was called is done, what comes after
// is refused.
func testCloseDrains(f *fixture) {
	release := f.hold()
	f.store.Note(jeton.Event{At: start, Action: "noted"})
	closed := make(chan error, 1)
	go func() { closed <- f.store.Close() }()
	release()
	f.must(<-closed)
	_, err := f.try(func(jeton.Tx) error { return nil })
	f.failsOtherwise("a change after the end", err)
	f.failsOtherwise("uses after the end", f.store.AddUses(f.ctx, nil))
	f.store.Note(jeton.Event{At: start, Action: "noted"}) // and does not hang
	f.must(f.store.Close())
}

// testAhead: what is read ahead for many changes at once never hides what those
// before them in the same group did.
func testAhead(f *fixture) {
	ann := f.user("ann")
	used := f.token(ann.ID)
	ahead := jeton.Ahead{Credential: used.ID, Kind: jeton.KindToken, Owner: ann.ID}
	gone, want := false, int64(1) // only changes touch them, and those run one by one
	change := func(i int, tx jeton.Tx) (jeton.Event, error) {
		_, err := tx.CredentialByID(f.ctx, used.ID, jeton.KindToken)
		f.is(fmt.Sprint("the credential is gone for ", i), err != nil, gone)
		_, n, err := tx.OwnerTokens(f.ctx, ann.ID)
		f.is(fmt.Sprint("tokens for ", i), n, want)
		if err != nil {
			return jeton.Event{}, err
		}
		if i == 20 {
			gone, want = true, want-1
			return event(used.ID), tx.RemoveTokens(f.ctx, []string{used.ID}, 1)
		}
		want++
		id := fmt.Sprint("new", i)
		return event(id), tx.AddToken(f.ctx, jeton.Token{ID: id, UserID: ann.ID}, jeton.Digest{4, byte(i)})
	}
	release := f.hold()
	var queued, all sync.WaitGroup
	for i := range 40 {
		queued.Add(1)
		all.Go(func() {
			ctx := queueing{f.ctx, sync.OnceFunc(queued.Done)}
			_, err := f.store.Change(ctx, func(tx jeton.Tx) (jeton.Event, error) { return change(i, tx) }, ahead)
			if err != nil {
				f.Error(err)
			}
		})
	}
	queued.Wait() // so that they share a group
	release()
	all.Wait()
}

// queueing is a context that tells when somebody waits on it: a change that does
// is in the queue.
type queueing struct {
	context.Context
	waits func()
}

// Done tells that somebody waits.
func (q queueing) Done() <-chan struct{} {
	q.waits()
	return q.Context.Done()
}
