package verify_test

import (
	"context"
	"errors"
	"sync/atomic"

	"jeton"
)

// lever is the real store. It can be made to fail, and one look-up can be held after its
// read.
type lever struct {
	jeton.Store
	away atomic.Bool
	held atomic.Pointer[hold]
}

// hold stops one look-up after its read, until letGo is closed.
type hold struct{ read, letGo chan struct{} }

func newHold() *hold { return &hold{make(chan struct{}), make(chan struct{})} }

var errAway = errors.New("away")

func (l *lever) Credential(ctx context.Context, d jeton.Digest, k jeton.Kind) (jeton.Credential, error) {
	if l.away.Load() {
		return jeton.Credential{}, errAway
	}
	c, err := l.Store.Credential(ctx, d, k)
	if h := l.held.Swap(nil); h != nil {
		close(h.read)
		<-h.letGo
	}
	return c, err
}

func (l *lever) EventsAfter(ctx context.Context, position, limit int64) ([]jeton.Event, jeton.Head, error) {
	if l.away.Load() {
		return nil, jeton.Head{}, errAway
	}
	return l.Store.EventsAfter(ctx, position, limit)
}

func (l *lever) Change(ctx context.Context, p jeton.Prefetch, fn func(jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	if l.away.Load() {
		return jeton.Event{}, jeton.Head{}, errAway
	}
	return l.Store.Change(ctx, p, fn)
}
