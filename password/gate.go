package password

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"jeton"
)

// gate bounds the number of concurrent hashes. Each uses a core and many MiB: without the
// gate, a burst of log-ins would starve all other requests and use all memory.
type gate struct {
	slots *semaphore.Weighted
	wait  time.Duration
}

func newGate(slots int, wait time.Duration) *gate {
	return &gate{slots: semaphore.NewWeighted(int64(slots)), wait: wait}
}

// enter takes a slot; the caller must call leave. It returns ctx's error if ctx has ended or
// ends first, and CodeBusy if no slot came free within the gate's wait.
func (g *gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // the client has disconnected: save the 20 ms of a hash
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
