package sqlstore

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"jeton"
)

// queueTime is how long a change waits for its turn at most. With the time that a
// group may take (see groupTime) it stays well below the time-out of an HTTP
// answer: the caller hears that it failed, and is not cut off.
const queueTime = 15 * time.Second

var (
	errClosed = errors.New("the store is closed")
	errQueue  = errors.New("the change waited too long for its turn")
)

// change is one call of Store.Change. done is closed once it is answered.
type change struct {
	fn       func(jeton.Tx) (jeton.Event, error)
	prefetch jeton.Prefetch
	event    jeton.Event
	head     jeton.Head
	err      error
	done     chan struct{}
}

// bulkJob is work that needs the writing connection for itself.
type bulkJob struct {
	work func(link) error
	done chan error
}

// do queues a change and waits for its answer. ctx counts while it is queued.
func (c *committer) do(ctx context.Context, p jeton.Prefetch, fn func(jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	ch := &change{fn: fn, prefetch: p, done: make(chan struct{})}
	if err := enqueue(ctx, c, c.queue, ch, &c.gauge.queued); err != nil {
		return jeton.Event{}, jeton.Head{}, err
	}
	<-ch.done
	if ch.err == jeton.ErrUnchanged { //nolint:errorlint // alone it is no failure; with another error it is
		ch.err = nil
	}
	return ch.event, ch.head, ch.err
}

// alone runs work on the writing connection, between groups.
func (c *committer) alone(ctx context.Context, work func(link) error) error {
	job := &bulkJob{work: work, done: make(chan error, 1)}
	if err := enqueue(ctx, c, c.bulk, job, &c.gauge.behind); err != nil {
		return err
	}
	return <-job.done
}

// enqueue hands a piece of work to the committer's goroutine, or returns why it was
// not begun. The channel has no buffer: what was not received was not begun.
func enqueue[T any](ctx context.Context, c *committer, to chan<- T, work T, waiting *atomic.Int64) error {
	select { // first of all: select chooses at random among what is ready
	case <-c.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case to <- work: // the committer was idle
		return nil
	default:
	}
	defer c.gauge.wait(waiting)()
	late := time.NewTimer(queueTime)
	defer late.Stop()
	select {
	case to <- work:
		return nil
	case <-late.C:
		return errQueue
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stopped:
		return errClosed
	}
}

// note queues events that go with no change, and returns how many found room.
func (c *committer) note(events []jeton.Event) int {
	select {
	case <-c.closing:
		return 0
	default:
	}
	for i, e := range events {
		select {
		case c.notes <- e:
		default:
			return i
		}
	}
	return len(events)
}
