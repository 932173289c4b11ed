package password

import (
	"context"
	"time"

	"jeton"
)

// gate lets a bounded number in at once. Hashing takes a core and many MiB for
// each, so without it a burst of log-ins would starve every other request, and
// the memory with it.
type gate struct {
	slots chan struct{}
	wait  time.Duration
}

func newGate(slots int, wait time.Duration) *gate {
	return &gate{slots: make(chan struct{}, slots), wait: wait}
}

// enter returns nil once there is a place, which leave must give back.
func (g *gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // who has gone needs no answer: do not spend 20 ms on one
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(g.wait)
	defer timer.Stop()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return &jeton.Error{Code: jeton.CodeBusy, RetryAfter: time.Second}
	}
}

func (g *gate) leave() { <-g.slots }
