package storetest

import (
	"context"
	"sync"
	"time"

	"jeton"
)

const (
	// patience is the time-out of a read's caller in these tests.
	patience = 100 * time.Millisecond
	// tolerance is the time within which such a read must return, also on a busy machine.
	tolerance = time.Second
)

// lists are the reads that may be slow. They share connections.
func (f *fixture) lists() map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"tokens":   func(ctx context.Context) error { _, err := f.store.Tokens(ctx, 0, 10); return err },
		"a page":   func(ctx context.Context) error { _, err := f.store.Tokens(ctx, 1000, 10); return err },
		"owner's":  func(ctx context.Context) error { _, err := f.store.TokensOf(ctx, "owner", 0, 10); return err },
		"search":   func(ctx context.Context) error { _, err := f.store.SearchTokens(ctx, "x", 10); return err },
		"users":    func(ctx context.Context) error { _, err := f.store.Users(ctx, jeton.UserFilter{}, 0, 10); return err },
		"bots":     func(ctx context.Context) error { _, err := f.store.Bots(ctx, jeton.BotFilter{}, 0, 10); return err },
		"events":   func(ctx context.Context) error { _, err := f.store.Events(ctx, jeton.EventFilter{}, 0, 10); return err },
		"sessions": func(ctx context.Context) error { _, err := f.store.SessionsOf(ctx, "owner"); return err },
	}
}

// testReadsDuringChange: reads do not wait for a running change.
func testReadsDuringChange(f *fixture) {
	ann := f.user("ann")
	held := Hold(f, f.store)
	for range 10 {
		_, err := f.store.User(f.ctx, ann.ID)
		f.must(err)
		_, err = f.store.Tokens(f.ctx, 0, 10)
		f.must(err)
	}
	held.Release()
}

func testReadCancelled(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	_, err := f.store.User(ctx, f.id())
	f.fails("one row", err, context.Canceled)
	_, err = f.store.Credential(ctx, f.digest(), jeton.KindToken)
	f.fails("a credential", err, context.Canceled)
	for name, read := range f.lists() {
		f.fails(name, read(ctx), context.Canceled)
	}
	f.listsWork()
}

// listsWork runs more lists than a store has connections: it fails if a cancelled read kept
// its connection.
func (f *fixture) listsWork() {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.ctx, waitLimit)
	defer cancel()
	for range 5 {
		for name, read := range f.lists() {
			if err := read(ctx); err != nil {
				f.Errorf("%s, afterwards: %v", name, err)
			}
		}
	}
}

// testReadWaitBounded: a read that waits for a connection ends with its context. The reads
// that every request needs do not wait for lists.
func testReadWaitBounded(f *fixture) {
	if f.harness.HoldReaders == nil {
		f.test.Skip("the harness has no HoldReaders")
	}
	release := sync.OnceFunc(f.harness.HoldReaders(f.test, f.store))
	defer release()
	for name, read := range f.lists() {
		f.endsWithContext(name, read)
	}
	ctx, cancel := context.WithTimeout(f.ctx, waitLimit)
	defer cancel()
	_, err := f.store.Credential(ctx, jeton.Digest{1}, jeton.KindToken)
	f.fails("a credential", err, jeton.ErrNotFound)
	_, err = f.store.Roles(ctx)
	f.must(err)
	_, err = f.store.Head(ctx)
	f.must(err)
	_, _, err = f.store.EventsAfter(ctx, -1, 10)
	f.must(err)
	f.change(func(jeton.Tx) error { return nil })
	release()
	f.listsWork()
}

// testReadRunBounded: a running read ends with its context.
func testReadRunBounded(f *fixture) {
	if f.harness.SlowRead == nil {
		f.test.Skip("the harness has no SlowRead")
	}
	f.endsWithContext("a slow read", func(ctx context.Context) error { return f.harness.SlowRead(ctx, f.store) })
	f.listsWork()
}

// endsWithContext wants a read that cannot succeed to return the context's error when its
// context ends.
func (f *fixture) endsWithContext(name string, read func(ctx context.Context) error) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.ctx, patience)
	defer cancel()
	f.inTime(name+" with a deadline", context.DeadlineExceeded, func() error { return read(ctx) })

	ctx, cancel = context.WithCancel(f.ctx)
	defer cancel()
	timer := time.AfterFunc(patience, cancel)
	defer timer.Stop()
	f.inTime(name+" of a caller that hangs up", context.Canceled, func() error { return read(ctx) })
}

func (f *fixture) inTime(what string, want error, read func() error) {
	f.Helper()
	done := make(chan error, 1)
	go func() { done <- read() }()
	select {
	case err := <-done:
		f.fails(what, err, want)
	case <-time.After(tolerance):
		f.Fatalf("%s takes more than %s, though its caller waits %s", what, tolerance, patience)
	}
}
