package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"jeton"
)

const (
	// maxGroup is how many changes share a transaction at most: enough to share the
	// fsync well, and few enough that the first does not wait long for the last. It is
	// also PostgreSQL's number of cached subtransactions: more savepoints than that
	// would spill to disk.
	maxGroup = 64

	// maxPassed is how many groups in a row may pass bulk work that waits: where
	// changes never cease, that is 250 tokens' last uses a third of a second.
	maxPassed = 32
)

// committer is the one goroutine that writes.
type committer struct {
	engine  engine
	log     *slog.Logger
	queue   chan *change
	bulk    chan *bulkJob
	notes   chan jeton.Event
	grouped func(changes int) // nil: not asked for
	gauge   committerGauge

	closeOnce sync.Once
	closing   chan struct{} // closed: what waits is finished, nothing more is taken
	stopped   chan struct{} // closed: nothing runs any more

	// Only the goroutine touches what follows.
	w            link             // nil: a connection must be made
	table        *jeton.RoleTable // the roles as of rolesEpoch and rolesVersion
	rolesEpoch   string
	rolesVersion int64
	passed       int // groups begun since bulk work was looked for
	failed       failedNotes
}

func startCommitter(e engine, o Options) *committer {
	c := &committer{
		engine: e, log: o.Log, grouped: o.Grouped,
		queue: make(chan *change), bulk: make(chan *bulkJob), notes: make(chan jeton.Event, maxNotes),
		closing: make(chan struct{}), stopped: make(chan struct{}), failed: failedNotes{wait: o.NoteRetry},
	}
	go c.loop()
	return c
}

// close finishes what waits and ends the goroutine.
func (c *committer) close() {
	c.closeOnce.Do(func() { close(c.closing) })
	<-c.stopped
}

func (c *committer) loop() {
	defer close(c.stopped)
	defer c.disconnect()
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
	case e := <-c.queuedNotes():
		c.run(nil, []jeton.Event{e})
	case <-c.failed.again:
		c.rewriteNotes()
	case job := <-c.bulk:
		job.done <- c.runAlone(job)
	case <-c.closing:
		return c.drain()
	}
	return true
}

// drain reports whether there was something left to do at the end.
func (c *committer) drain() bool {
	c.endNotes()
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
	ctx := context.Background()
	some := c.waiting(first, 0)
	g, err := c.begin(ctx, some)
	if err != nil {
		c.fail(some, notes, err)
		c.failed.add(notes)
		return
	}
	for ; len(some) > 0; some = c.more(g) {
		g.add(some)
	}
	notes = c.waitingNotes(notes)
	g.note(notes)
	g.finish()
	if g.fate == fateRetry {
		c.failed.retry(notes) // one of them may be the cause
		notes = nil
		g = c.again(ctx, g)
	}
	if err := c.engine.intact(); err != nil {
		g.fate, g.lost = fateLost, errors.Join(g.lost, err)
	}
	if g.fate == fateLost {
		c.log.Error("database: a transaction was lost", "changes", len(g.changes), "notes", g.noted, "error", g.lost)
		c.disconnect()
		c.failed.add(notes)
	} else {
		c.table, c.rolesEpoch, c.rolesVersion = g.table, g.head.epoch, g.head.rolesVersion
		c.gauge.tell(c.grouped, g)
		c.gauge.notesWritten.Add(int64(len(notes)))
		c.failed.wrote = c.failed.wrote || len(g.changes) > 0
	}
	g.answer()
}

// again runs the changes of a group that was undone one by one.
func (c *committer) again(ctx context.Context, undone *group) *group {
	g, err := c.begin(ctx, nil)
	if err != nil {
		undone.fate, undone.lost = fateLost, errors.Join(undone.lost, err)
		return undone
	}
	g.oneByOne = true
	g.add(undone.changes)
	g.finish()
	return g
}

// waiting returns the first change, if there is one, and those that wait behind it,
// as far as a group that has some already has room.
func (c *committer) waiting(first *change, has int) (some []*change) {
	if first != nil {
		some = append(some, first)
	}
	for has+len(some) < maxGroup {
		select {
		case ch := <-c.queue:
			some = append(some, ch)
		default:
			return some
		}
	}
	return some
}

// more returns the changes that came while the group ran, with what they read first.
func (c *committer) more(g *group) []*change {
	if g.fate != fateOpen {
		return nil
	}
	some := c.waiting(nil, len(g.changes))
	if len(some) > 0 {
		g.failed(g.w.flush(g.ctx, g.prefetch.readings(some)...))
	}
	return some
}

// begin starts a group, and reads with its head what some changes read first. A
// connection that died while it was idle is replaced once: nothing was done on it. A
// lock that another program keeps is waited for once.
func (c *committer) begin(ctx context.Context, some []*change) (*group, error) {
	idle := c.w != nil
	g, err := c.tryBegin(ctx, some)
	if err != nil && idle && !errors.Is(err, errBusy) {
		g, err = c.tryBegin(ctx, some)
	}
	return g, err
}

func (c *committer) tryBegin(ctx context.Context, some []*change) (*group, error) {
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	g := &group{ctx: ctx, w: c.w, log: c.log, counts: tally{}}
	h, err := c.w.begin(ctx, true, g.prefetch.readings(some)...)
	if err != nil {
		c.w.ended()
		c.disconnect()
		return nil, fmt.Errorf("begin: %w", err)
	}
	g.head = h
	if c.rolesEpoch == h.epoch && c.rolesVersion == h.rolesVersion {
		g.table = c.table
	}
	return g, nil
}

// connect makes a connection, if there is none.
func (c *committer) connect(ctx context.Context) (err error) {
	if err := c.engine.intact(); err != nil {
		return err
	}
	if c.w == nil {
		c.w, err = c.engine.connect(ctx)
		c.gauge.open.Store(err == nil)
	}
	return err
}

// disconnect gives the connection up: the next group makes another.
func (c *committer) disconnect() {
	if c.w == nil {
		return
	}
	c.w.close()
	c.w, c.table = nil, nil
	c.gauge.open.Store(false)
}

// fail answers changes that could not be begun.
func (c *committer) fail(some []*change, notes []jeton.Event, err error) {
	c.log.Error("database: no transaction could be begun", "changes", len(some), "notes", len(notes), "error", err)
	for _, ch := range some {
		ch.err = err
		close(ch.done)
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
		c.disconnect()
	}
	return err
}

// behind runs work in a transaction of its own, which follows the changes that
// wait. The context that work gets is that of its statements.
func (c *committer) behind(ctx context.Context, work func(ctx context.Context, w link) error) error {
	return c.alone(ctx, func(link) error {
		ctx := context.Background()
		if _, err := c.begin(ctx, nil); err != nil {
			return err
		}
		defer c.w.ended()
		err := work(ctx, c.w)
		if err == nil {
			err = c.w.commit(ctx)
		}
		if err != nil { // the connection is closed, and the transaction undone with it
			return fmt.Errorf("behind changes: %w", err)
		}
		return nil
	})
}
