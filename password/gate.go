package password

import (
	"context"
	"sync"
	"time"

	"jeton"
)

// gate bounds the number of concurrent hashes. Each uses a core and many MiB: without the
// gate, a burst of log-ins would starve all other requests and use all memory.
//
// What waits is served in turn: one hash for each network, then the next for each. Networks
// from which users log in come first. The others share one slot, and rest for half as long as
// their last hash took: networks that only fail use two thirds of a core, however many there are.
type gate struct {
	slots int
	wait  time.Duration

	mu       sync.Mutex
	running  int
	known    queue // networks from which users log in
	unknown  queue // the other ones
	strange  bool  // a hash for an unknown network runs
	rested   time.Time
	resting  bool // a timer runs that ends the rest
	inARow   int  // hashes begun for known networks while unknown ones waited
	perLine  int  // callers that wait for one network
	perQueue int  // callers that wait in all of a queue
}

const (
	knownInARow = 3 // then an unknown network that waits has a turn

	// A slot computes some 45 hashes in the second that a caller waits, so callers beyond
	// these numbers would wait in vain.
	waitersOfNetwork = 64 // for each slot
	waitersOfQueue   = 1024
)

func newGate(slots int, wait time.Duration) *gate {
	return &gate{
		slots: slots, wait: wait, known: newQueue(), unknown: newQueue(),
		perLine: waitersOfNetwork * slots, perQueue: max(waitersOfQueue, waitersOfNetwork*slots),
	}
}

// enter takes a slot, and returns when it was taken and the function that gives it back. It
// returns ctx's error if ctx has ended or ends first, and CodeBusy if too many callers
// wait, or no slot came free within the gate's wait.
func (g *gate) enter(ctx context.Context) (began time.Time, leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return began, nil, err // the client has disconnected: save the 20 ms of a hash
	}
	origin := jeton.OriginOf(ctx)
	q := &g.unknown
	if origin.Known {
		q = &g.known
	}
	g.mu.Lock()
	w := q.add(origin.Network, g.perLine, g.perQueue)
	g.dispatch()
	g.mu.Unlock()
	if w == nil {
		return began, nil, busy()
	}
	if err := g.await(ctx, q, w); err != nil {
		return began, nil, err
	}
	began = time.Now()
	return began, func() { g.leave(q, began) }, nil
}

func busy() error { return &jeton.Error{Code: jeton.CodeBusy, RetryAfter: time.Second} }

// await waits until w has a slot.
func (g *gate) await(ctx context.Context, q *queue, w *waiter) error {
	late := time.NewTimer(g.wait)
	defer late.Stop()
	var err error
	select {
	case <-w.ready:
		return nil
	case <-late.C:
		err = busy()
	case <-ctx.Done():
		err = ctx.Err()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !q.remove(w) {
		return nil // it got a slot at the same moment
	}
	return err
}

// leave gives a slot back.
func (g *gate) leave(q *queue, began time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if q == &g.unknown {
		now := time.Now()
		g.strange, g.rested = false, now.Add(now.Sub(began)/2)
	}
	g.dispatch()
}

// dispatch gives the free slots to those whose turn it is.
func (g *gate) dispatch() {
	for g.running < g.slots {
		first, strangers := &g.known, g.strangersTurn()
		if strangers && (g.known.waiting == 0 || g.inARow >= knownInARow) {
			first = &g.unknown
		}
		w := first.next()
		if w == nil {
			return
		}
		if first == &g.unknown {
			g.strange, g.inARow = true, 0
		} else if strangers {
			g.inARow++
		}
		g.running++
		close(w.ready)
	}
}

// strangersTurn reports whether an unknown network waits and a hash for it can begin. It sets
// the timer that ends their rest.
func (g *gate) strangersTurn() bool {
	if g.unknown.waiting == 0 || g.strange {
		return false
	}
	rest := time.Until(g.rested)
	if rest > 0 && !g.resting {
		g.resting = true
		time.AfterFunc(rest, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.resting = false
			g.dispatch()
		})
	}
	return rest <= 0
}
