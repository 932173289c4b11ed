package limit

import (
	"context"
	"sync"
	"time"

	"jeton"
)

const (
	// maxQueue is how many reads of one client wait for their turn, and queueTime how long.
	maxQueue  = 64
	queueTime = 2 * time.Second
)

// Reads bounds how many lists and searches of one client read the database at once, so
// that no client occupies all connections. It implements jeton.Reads. Its memory is
// that of the requests under way.
type Reads struct{ lists, searches turns }

var _ jeton.Reads = (*Reads)(nil)

// NewReads returns the bounds for a number of connections: one client may use most of
// them for lists, and half of them for searches, and at least one for each. Some are
// always left for others, where there are more than one.
func NewReads(connections int) *Reads {
	return &Reads{
		lists:    turns{most: max(1, connections-max(1, connections/5)), clients: map[string]*client{}},
		searches: turns{most: max(1, connections/2), clients: map[string]*client{}},
	}
}

// List implements jeton.Reads.
func (r *Reads) List(ctx context.Context, client string) (done func(), err error) {
	if err := r.lists.take(ctx, client); err != nil {
		return nil, err
	}
	return func() { r.lists.give(client) }, nil
}

// Search implements jeton.Reads. A search is a list, too. It takes its place among the
// searches first: those that wait must not keep lists from running.
func (r *Reads) Search(ctx context.Context, client string) (done func(), err error) {
	if err := r.searches.take(ctx, client); err != nil {
		return nil, err
	}
	if err := r.lists.take(ctx, client); err != nil {
		r.searches.give(client)
		return nil, err
	}
	return func() { r.lists.give(client); r.searches.give(client) }, nil
}

// turns lets at most a number of each client's reads run. The others wait, and run in
// the order in which they came.
type turns struct {
	most    int
	mu      sync.Mutex
	clients map[string]*client // those with a read that runs
}

// client is the reads of one client. While any wait, the most run.
type client struct {
	running int
	waiting []chan struct{} // closed when it is that read's turn
}

// take waits for a turn. It fails with CodeTooManyReads where too many wait already or
// the wait is too long, and with the error of ctx. give must follow a success.
func (t *turns) take(ctx context.Context, key string) error {
	turn, err := t.enter(key)
	if turn == nil || err != nil {
		return err
	}
	timer := time.NewTimer(queueTime)
	defer timer.Stop()
	select {
	case <-turn:
		return nil
	case <-timer.C:
		err = tooMany()
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !t.leave(key, turn) { // it was given one meanwhile
		t.give(key)
	}
	return err
}

func tooMany() error { return &jeton.Error{Code: jeton.CodeTooManyReads, RetryAfter: time.Second} }

// enter takes a turn, and returns nil; or it returns what tells of one.
func (t *turns) enter(key string) (chan struct{}, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.clients[key]
	if c == nil {
		c = &client{}
		t.clients[key] = c
	}
	switch {
	case c.running < t.most:
		c.running++
		return nil, nil
	case len(c.waiting) >= maxQueue:
		return nil, tooMany()
	}
	turn := make(chan struct{})
	c.waiting = append(c.waiting, turn)
	return turn, nil
}

// leave takes a read out of the queue. It reports whether it was still there.
func (t *turns) leave(key string, turn chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.clients[key]
	if c == nil {
		return false
	}
	for i, w := range c.waiting {
		if w == turn {
			c.waiting = append(c.waiting[:i], c.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// give ends a turn, and hands it to the next read that waits.
func (t *turns) give(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.clients[key]
	if len(c.waiting) > 0 {
		close(c.waiting[0])
		c.waiting = c.waiting[1:]
		return
	}
	if c.running--; c.running == 0 {
		delete(t.clients, key)
	}
}
