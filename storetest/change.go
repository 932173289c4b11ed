package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"jeton"
)

func testChangeFails(f *fixture) {
	ann := f.user("ann")
	before := f.position()
	e, err := f.try(func(tx jeton.Tx) error {
		if err := tx.AddToken(f.newToken(ann.ID), f.digest()); err != nil {
			return err
		}
		if err := tx.AddUser(jeton.User{ID: f.id(), Username: "bob"}); err != nil {
			return err
		}
		return errRefused
	})
	if err != errRefused { //nolint:errorlint // the store must not wrap it
		f.Errorf("error %v", err)
	}
	f.is("event", e, jeton.Event{})
	f.is("position", f.position(), before)
	f.hasNoUser("bob")
	page, err := f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("tokens", page.Total, int64(0))
	first := f.token(ann.ID)
	second := f.token(ann.ID)
	f.is("order", first.Seq < second.Seq, true)
}

func (f *fixture) hasNoUser(name string) {
	f.Helper()
	_, err := f.store.UserByName(f.ctx, name)
	f.fails("user "+name, err, jeton.ErrNotFound)
}

// testChangeUnchanged: a change that has nothing to do succeeds, writes nothing, and returns
// the journal's head at that time.
func testChangeUnchanged(f *fixture) {
	f.user("ann")
	before := f.head()
	for name, fn := range map[string]func(tx jeton.Tx) error{
		"nothing read": func(jeton.Tx) error { return nil },
		"read":         func(tx jeton.Tx) error { _, err := tx.UserByName("ann"); return err },
		"written":      func(tx jeton.Tx) error { return tx.AddUser(jeton.User{ID: f.id(), Username: "bob"}) },
		"token added":  func(tx jeton.Tx) error { return tx.AddToken(f.newToken("owner"), f.digest()) },
	} {
		e, h, err := f.run(func(tx jeton.Tx) (jeton.Event, error) {
			if err := fn(tx); err != nil {
				return jeton.Event{}, err
			}
			return event("x"), jeton.ErrUnchanged
		})
		f.must(err)
		f.is(name+": event", e, jeton.Event{})
		f.is(name+": head", h, before)
		f.is(name+": head afterwards", f.head(), before)
	}
	f.hasNoUser("bob")
	page, err := f.store.Tokens(f.ctx, 0, 10)
	f.must(err)
	f.is("tokens", page.Total, int64(0))

	e, h, err := f.run(func(jeton.Tx) (jeton.Event, error) { return event("x"), nil })
	f.must(err)
	f.is("the next position", e.Position, before.Position+1)
	f.is("the next head", h, jeton.Head{Epoch: before.Epoch, Position: e.Position})
}

// testChangeBadEvent: a change that succeeds must return an event with action and target.
func testChangeBadEvent(f *fixture) {
	before := f.position()
	for name, bad := range map[string]jeton.Event{
		"no event": {}, "no action": {At: start, Target: "x"}, "no target": {At: start, Action: "test"},
	} {
		for _, write := range []bool{false, true} {
			e, _, err := f.run(func(tx jeton.Tx) (jeton.Event, error) {
				if !write {
					return bad, nil
				}
				return bad, tx.AddUser(jeton.User{ID: f.id(), Username: "bob"})
			})
			f.failsOtherwise(name, err)
			f.is(name, e, jeton.Event{})
		}
	}
	f.is("position", f.position(), before)
	f.hasNoUser("bob")
}

func testChangePanics(f *fixture) {
	out := f.group(3, func(i int, tx jeton.Tx) error {
		err := tx.AddUser(jeton.User{ID: fmt.Sprint("user", i), Username: fmt.Sprint("user", i)})
		if i == 1 {
			panic("a fault of the caller")
		}
		return err
	})
	f.failsOtherwise("the one that panicked", out[1].Err)
	f.must(out[0].Err)
	f.must(out[2].Err)
	f.hasNoUser("user1")
	_, err := f.store.UserByName(f.ctx, "user2")
	f.must(err)
}

// testChangeIgnoresError: a change that ignores the error of a write is rolled back.
func testChangeIgnoresError(f *fixture) {
	ann := f.user("ann")
	used, digest := f.tokenWith(ann.ID)
	before := f.position()
	for name, refused := range map[string]func(tx jeton.Tx) error{
		"a user's id":  func(tx jeton.Tx) error { return tx.AddUser(jeton.User{ID: ann.ID, Username: "other"}) },
		"a token's id": func(tx jeton.Tx) error { return tx.AddToken(used, f.digest()) },
		"a secret":     func(tx jeton.Tx) error { return tx.AddToken(f.newToken(ann.ID), digest) },
		"a session's id": func(tx jeton.Tx) error {
			s := jeton.Session{ID: f.id(), UserID: ann.ID, CreateAt: start, ExpiresAt: start + 1}
			_ = tx.AddSession(s, f.digest())
			return tx.AddSession(s, f.digest())
		},
	} {
		_, err := f.try(func(tx jeton.Tx) error {
			_ = refused(tx)
			_ = tx.AddUser(jeton.User{ID: f.id(), Username: "bob"})
			return nil
		})
		f.failsOtherwise(name, err)
		f.is(name, f.position(), before)
		f.hasNoUser("bob")
	}
	sessions, err := f.store.SessionsOf(f.ctx, ann.ID)
	f.must(err)
	f.is("sessions", sessions, []jeton.Session{})
}

// testChangeCancelled: a change whose context ends in the queue does not run, and returns at
// once, not at its turn.
func testChangeCancelled(f *fixture) {
	const n = 6
	var ran [n]atomic.Bool
	var errs [n]error
	change := func(ctx context.Context, i int) {
		_, _, errs[i] = f.store.Change(ctx, jeton.Prefetch{}, func(jeton.Tx) (jeton.Event, error) {
			ran[i].Store(true)
			return event("x"), nil
		})
	}
	ctx, cancel := context.WithCancel(f.ctx)
	held := Hold(f, f.store)
	var cancelled sync.WaitGroup
	for i := range n {
		if i%2 == 0 {
			held.Queue(func() { change(f.ctx, i) })
			continue
		}
		cancelled.Add(1)
		held.Queue(func() { defer cancelled.Done(); change(ctx, i) })
	}
	cancel()
	f.returns("the cancelled changes", cancelled.Wait) // the store is still held
	change(ctx, 1)                                     // its context has ended before the call
	held.Release()
	for i := range n {
		if i%2 == 0 {
			f.must(errs[i])
		} else {
			f.fails("cancelled in the queue", errs[i], context.Canceled)
		}
		f.is(fmt.Sprint("begun ", i), ran[i].Load(), i%2 == 0)
	}
	f.is("position", f.position(), int64(n/2))
}

// testChangeNotCutOff: a change that has begun runs to its end, also if its context ends.
func testChangeNotCutOff(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	e, _, err := f.store.Change(ctx, jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		cancel()
		return event("x"), tx.AddUser(jeton.User{ID: "ann", Username: "ann"})
	})
	f.must(err)
	f.is("position", e.Position, f.position())
	_, err = f.store.UserByName(f.ctx, "ann")
	f.must(err)
}

// testChangeHiddenTillEnd: other readers see what a change wrote only after it has ended.
func testChangeHiddenTillEnd(f *fixture) {
	wrote, end := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	release := sync.OnceFunc(func() { close(end) })
	f.Cleanup(release)
	wroteOnce := sync.OnceFunc(func() { close(wrote) })
	go func() {
		done <- f.refused(func(tx jeton.Tx) error {
			if err := tx.AddUser(jeton.User{ID: "ann", Username: "ann"}); err != nil {
				return err
			}
			if _, err := tx.UserByName("ann"); err != nil { // it is written, not merely sent
				return err
			}
			wroteOnce()
			<-end
			return nil
		})
	}()
	select {
	case <-wrote:
	case err := <-done:
		f.Fatalf("the change: %v", err)
	}
	f.hasNoUser("ann")
	f.is("position", f.position(), int64(0))
	release()
	f.must(<-done)
	_, err := f.store.UserByName(f.ctx, "ann")
	f.must(err)
}

// testChangesAlone: no other change can alter what a change has read before it writes.
func testChangesAlone(f *fixture) {
	ann := f.user("ann")
	const limit = 5
	out := f.group(20, func(i int, tx jeton.Tx) error {
		_, n, err := tx.OwnerTokens(ann.ID)
		if err != nil {
			return err
		}
		if n >= limit {
			return errRefused
		}
		return tx.AddToken(jeton.Token{ID: fmt.Sprint("token", i), UserID: ann.ID}, jeton.Digest{1, byte(i)})
	})
	added := 0
	for _, o := range out {
		if o.Err == nil {
			added++
		} else {
			f.fails("over the limit", o.Err, errRefused)
		}
	}
	f.is("added", added, limit)
	page, err := f.store.TokensOf(f.ctx, ann.ID, 0, 100)
	f.must(err)
	f.is("stored", page.Total, int64(limit))
}

// testChangesOrdered: positions have no gaps and no repeats. A change that began after
// another had returned has a higher position.
func testChangesOrdered(f *fixture) {
	const writers, each = 8, 12
	positions := make([][]int64, writers)
	made := make([][]string, writers)
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
					return tx.AddToken(jeton.Token{ID: id, UserID: ann.ID}, jeton.Digest{2, byte(w), byte(i)})
				})
				if err == nil {
					positions[w], made[w] = append(positions[w], e.Position), append(made[w], id)
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
		for _, id := range made[w] {
			next := slices.Index(order, id)
			f.is("created in the writer's order", next > at, true)
			at = next
		}
	}
}

// testCloseDrains: Close runs the queued changes, and later calls fail.
func testCloseDrains(f *fixture) {
	held := Hold(f, f.store)
	f.is("noted", f.store.Note(event("noted")), 1)
	var queued, closed error
	held.Queue(func() { _, queued = f.try(func(jeton.Tx) error { return nil }) })
	held.Queue(func() { closed = f.store.Close() })
	held.Release()
	f.must(queued)
	f.must(closed)
	f.failsOtherwise("a change after the end", f.refused(func(jeton.Tx) error { return nil }))
	f.failsOtherwise("uses after the end", f.store.AddUses(f.ctx, nil))
	f.store.Note(event("noted")) // must not block
	f.must(f.store.Close())
}
