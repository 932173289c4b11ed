package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"jeton"
)

// maxGroup is how many changes share a transaction at most: enough to share the
// fsync well, and few enough that the first does not wait long for the last.
const maxGroup = 64

// maxPassed is how many groups in a row pass by what queues behind them: where
// changes never cease to wait, that is 250 tokens' last uses a third of a second.
const maxPassed = 32

// maxNotes is how many notes wait at most, and noteBatch how many are written at once.
const (
	maxNotes  = 1024
	noteBatch = 64
)

var errClosed = errors.New("the store is closed")

// change is one call of Store.Change. done is closed once answered.
type change struct {
	fn    func(jeton.Tx) (jeton.Event, error)
	ahead []jeton.Ahead
	event jeton.Event
	err   error
	done  chan struct{}
}

// committer is the one goroutine that writes. Whoever wants a change blocks in
// sending it, which is the queue: what was not received was not begun.
type committer struct {
	engine  engine
	log     *slog.Logger
	queue   chan *change
	bulk    chan *bulkJob
	notes   chan jeton.Event
	dropped atomic.Int64
	grouped func(changes int) // nil: nobody asks
	gauge   committerGauge

	closeOnce sync.Once
	closing   chan struct{} // closed: what waits is finished, nothing more is taken
	stopped   chan struct{} // closed: nothing runs any more

	// Only the goroutine touches what follows.
	w            link             // nil: a connection must be taken
	table        *jeton.RoleTable // the roles as of rolesEpoch and rolesVersion
	rolesEpoch   string
	rolesVersion int64
	passed       int // groups begun since bulk work was looked for
}

// bulkJob is work that needs the writing connection for itself.
type bulkJob struct {
	work func(link) error
	done chan error
}

func startCommitter(e engine, o Options) *committer {
	c := &committer{
		engine: e, log: o.Log, grouped: o.Grouped,
		queue: make(chan *change), bulk: make(chan *bulkJob), notes: make(chan jeton.Event, maxNotes),
		closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go c.loop()
	return c
}

// do queues a change and waits for its answer. ctx counts while it is queued.
func (c *committer) do(ctx context.Context, fn func(jeton.Tx) (jeton.Event, error), ahead []jeton.Ahead) (jeton.Event, error) {
	ch := &change{fn: fn, ahead: ahead, done: make(chan struct{})}
	if err := c.refuse(ctx); err != nil {
		return jeton.Event{}, err
	}
	if err := queue(ctx, c, c.queue, ch, &c.gauge.queued); err != nil {
		return jeton.Event{}, err
	}
	<-ch.done
	return ch.event, ch.err
}

// queue sends a piece of work to the goroutine, or returns why it was not begun.
func queue[T any](ctx context.Context, c *committer, to chan<- T, work T, waiting *atomic.Int64) error {
	select {
	case to <- work: // nothing else was to do
		return nil
	default:
	}
	defer c.gauge.wait(waiting)()
	select {
	case to <- work:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.stopped:
		return errClosed
	}
}

// refuse says no before anything is queued: select would choose at random.
func (c *committer) refuse(ctx context.Context) error {
	select {
	case <-c.closing:
		return errClosed
	default:
		return ctx.Err()
	}
}

// alone runs work on the writing connection, between groups.
func (c *committer) alone(ctx context.Context, work func(link) error) error {
	job := &bulkJob{work: work, done: make(chan error, 1)}
	if err := c.refuse(ctx); err != nil {
		return err
	}
	if err := queue(ctx, c, c.bulk, job, &c.gauge.behind); err != nil {
		return err
	}
	return <-job.done
}

// behind runs work in a transaction of its own, which follows the changes that
// wait. The context that work gets is that of its statements.
func (c *committer) behind(ctx context.Context, work func(ctx context.Context, w link) error) error {
	return c.alone(ctx, func(link) error {
		ctx := context.Background()
		if _, err := c.begin(ctx); err != nil {
			return err
		}
		defer c.w.ended()
		err := work(ctx, c.w)
		if err == nil {
			_, err = c.w.exec(ctx, `COMMIT`)
		}
		if err != nil { // whoever lent the connection throws it away, and the transaction with it
			return fmt.Errorf("behind changes: %w", err)
		}
		return nil
	})
}

// note queues events that go with no change, or drops them.
func (c *committer) note(events []jeton.Event) {
	for _, e := range events {
		select {
		case c.notes <- e:
		default:
			c.dropped.Add(1)
		}
	}
}

// close finishes what waits and ends the goroutine.
func (c *committer) close() {
	c.closeOnce.Do(func() { close(c.closing) })
	<-c.stopped
}

func (c *committer) loop() {
	defer func() {
		if c.w != nil {
			c.w.close()
			c.gauge.open.Store(false)
		}
		close(c.stopped)
	}()
	for c.next() {
	}
}

// next does one piece of work: changes before all else, everything before an end.
func (c *committer) next() bool {
	if c.passed++; c.passed > maxPassed {
		c.passed = 0
		select {
		case job := <-c.bulk:
			job.done <- c.runAlone(job)
			return true
		default:
		}
	}
	select {
	case ch := <-c.queue:
		c.run(ch, nil)
		return true
	default:
	}
	select {
	case ch := <-c.queue:
		c.run(ch, nil)
	case e := <-c.notes:
		c.run(nil, []jeton.Event{e})
	case job := <-c.bulk:
		job.done <- c.runAlone(job)
	case <-c.closing:
		return c.drain()
	}
	return true
}

// drain reports whether there was something left to do at the end.
func (c *committer) drain() bool {
	select {
	case ch := <-c.queue:
		c.run(ch, nil)
	case e := <-c.notes:
		c.run(nil, []jeton.Event{e})
	case job := <-c.bulk:
		job.done <- errClosed
	default:
		return false
	}
	return true
}

// run makes one group of a first change or note and all that wait behind it.
func (c *committer) run(first *change, notes []jeton.Event) {
	c.gauge.busy.Store(true)
	defer c.gauge.busy.Store(false)
	ctx := context.Background() // of the statements; never a request's
	g, err := c.begin(ctx)
	if err != nil {
		c.fail(first, notes, err)
		return
	}
	for some := c.waiting(g, first); len(some) > 0; some = c.waiting(g, nil) {
		g.take(some)
	}
	notes = c.waitingNotes(notes)
	g.notes(notes)
	g.finish()
	c.w.ended()
	if g.broken && g.lost == nil {
		g = c.again(ctx, g, notes)
	}
	if g.lost != nil {
		c.lose(g)
	} else {
		c.remember(g)
		c.gauge.tell(c.grouped, g)
	}
	g.answer()
}

// again runs a group that was broken off, carefully.
func (c *committer) again(ctx context.Context, broken *group, notes []jeton.Event) *group {
	g, err := c.begin(ctx)
	if err != nil {
		broken.lost = err
		return broken
	}
	g.careful = true
	g.take(broken.changes)
	g.notes(notes)
	g.finish()
	c.w.ended()
	return g
}

// waiting returns the changes that wait, the first before them if there is one,
// as far as the group has room.
func (c *committer) waiting(g *group, first *change) (some []*change) {
	if first != nil {
		some = append(some, first)
	}
	for g.lost == nil && !g.broken && len(g.changes)+len(some) < maxGroup {
		select {
		case ch := <-c.queue:
			some = append(some, ch)
		default:
			return some
		}
	}
	return some
}

func (c *committer) waitingNotes(notes []jeton.Event) []jeton.Event {
	for len(notes) < noteBatch {
		select {
		case e := <-c.notes:
			notes = append(notes, e)
		default:
			return notes
		}
	}
	return notes
}

// begin starts a group. A connection that died while it was idle is replaced
// once: nothing was done on it yet.
func (c *committer) begin(ctx context.Context) (*group, error) {
	idle := c.w != nil
	g, err := c.tryBegin(ctx)
	if err != nil && idle {
		g, err = c.tryBegin(ctx)
	}
	return g, err
}

func (c *committer) tryBegin(ctx context.Context) (_ *group, err error) {
	if err = c.connect(ctx); err != nil {
		return nil, err
	}
	if err = c.w.begin(ctx, true); err == nil {
		var h head
		if h, err = loadHead(ctx, c.w); err == nil {
			return c.newGroup(ctx, h), nil
		}
	}
	c.w.ended()
	c.discard()
	return nil, fmt.Errorf("begin: %w", err)
}

// newGroup makes a group with the role table, if it still holds.
func (c *committer) newGroup(ctx context.Context, h head) *group {
	g := &group{ctx: ctx, w: c.w, log: c.log, was: h, head: h, counts: tally{}}
	if c.rolesEpoch == h.epoch && c.rolesVersion == h.rolesVersion {
		g.table = c.table
	}
	return g
}

func (c *committer) remember(g *group) {
	c.table, c.rolesEpoch, c.rolesVersion = g.table, g.head.epoch, g.head.rolesVersion
	if n := c.dropped.Swap(0); n > 0 {
		c.log.Warn("journal: notes dropped, more came than could be kept", "count", n)
	}
}

// lose gives up a transaction of unknown fate, with its connection.
func (c *committer) lose(g *group) {
	c.log.Error("database: a transaction was lost", "changes", len(g.changes), "notes", g.noted, "error", g.lost)
	c.discard()
}

// discard takes the connection out of use: the next group gets a fresh one.
func (c *committer) discard() {
	if c.w == nil {
		return
	}
	c.w.discard()
	c.w, c.table = nil, nil
	c.gauge.open.Store(false)
}

// connect takes a connection, if there is none.
func (c *committer) connect(ctx context.Context) (err error) {
	if c.w != nil {
		return nil
	}
	c.w, err = c.engine.connect(ctx)
	c.gauge.open.Store(err == nil)
	return err
}

func (c *committer) fail(first *change, notes []jeton.Event, err error) {
	c.log.Error("database: no transaction could be begun", "notes", len(notes), "error", err)
	if first != nil {
		first.err = err
		close(first.done)
	}
}

// runAlone lends the connection out, and does not use it again if that failed.
func (c *committer) runAlone(job *bulkJob) (err error) {
	c.gauge.busy.Store(true)
	defer c.gauge.busy.Store(false)
	if err = c.connect(context.Background()); err != nil {
		return err
	}
	if err = job.work(c.w); err != nil {
		c.discard()
	}
	c.table = nil
	return err
}
