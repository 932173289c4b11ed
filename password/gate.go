package password

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"jeton"
)

// gate admits a bounded number of callers at once. Hashing takes a core and many
// MiB for each, so without it a burst of log-ins would starve every other request,
// and take all memory.
type gate struct {
	slots *semaphore.Weighted
	wait  time.Duration
}

func newGate(slots int, wait time.Duration) *gate {
	return &gate{slots: semaphore.NewWeighted(int64(slots)), wait: wait}
}

// enter takes a slot, which the caller must give back with leave. It fails with
// ctx's error when ctx ends first, or has ended, and with CodeBusy when no slot came
// free within the gate's wait.
func (g *gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // the client has gone: do not spend 20 ms on its answer
	}
	if g.slots.TryAcquire(1) {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	if g.slots.Acquire(waiting, 1) == nil {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return &jeton.Error{Code: jeton.CodeBusy, RetryAfter: time.Second}
}

func (g *gate) leave() { g.slots.Release(1) }
