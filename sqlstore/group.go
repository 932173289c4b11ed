package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"jeton"
)

// A group is one transaction with several changes in it. Nothing is answered
// before it ends: what one change saw of another is true only once that is on disk.
//
// There are two ways to run a group. Together, the usual one, keeps no way back for
// a single change: the statements of all travel with as few trips as they can, and
// a change that fails before it wrote anything is just left out. When a change must
// be taken back that wrote already, or when any statement fails, the whole
// transaction is undone, and the group runs again one by one: each change under a
// savepoint, each waiting for the outcome of its statements, so that an error undoes
// that one alone. So the domain's functions may run twice, which jeton.Store allows.
type group struct {
	ctx context.Context // of the statements, never a request's
	w   link
	log *slog.Logger

	head     head // as the transaction will leave it
	table    *jeton.RoleTable
	prefetch prefetch
	counts   tally
	events   []jeton.Event // to be written at the end
	changes  []*change
	noted    int

	oneByOne bool
	fate     fate
	lost     error // why, for fateLost and fateRetry
}

// fate is what becomes of a group.
type fate int

const (
	fateOpen  fate = iota // the transaction goes on, or is committed
	fateRetry             // it is undone, and to be run again one by one
	fateLost              // the outcome is not known, or the database does not answer: all its changes failed
)

const (
	savepoint   = `SAVEPOINT change_begins`
	undoChange  = `ROLLBACK TO SAVEPOINT change_begins`
	releaseSave = `RELEASE SAVEPOINT change_begins`

	writeHead = `UPDATE head SET position = $1, token_seq = $2, roles_version = $3 WHERE id = 1`
)

// add runs changes that waited together.
func (g *group) add(some []*change) {
	g.changes = append(g.changes, some...) // each is answered, whatever comes
	for _, ch := range some {
		if g.fate == fateOpen {
			g.apply(ch)
		}
	}
}

// apply runs one change.
func (g *group) apply(ch *change) {
	if g.oneByOne {
		// The savepoint is waited for: were it queued, and lost with what it travelled with,
		// going back to it would undo the change before.
		if _, err := g.w.exec(g.ctx, stmt(savepoint)); g.failed(err) {
			return
		}
	}
	t := newTx(g)
	ch.event, ch.err = g.call(t, ch.fn)
	if ch.err == nil && g.oneByOne {
		t.settle()
	}
	if t.broken != nil && (ch.err == nil || errors.Is(ch.err, jeton.ErrUnchanged)) {
		ch.err = t.broken
	}
	switch {
	case g.fate != fateOpen: // the transaction is gone, and with it all that ch saw
	case ch.err == nil:
		g.keep(t, ch)
	default:
		ch.event, ch.head = jeton.Event{}, g.head.public()
		g.undo(t)
	}
}

// call runs the change's function, which may do anything but bring others down.
func (g *group) call(t *tx, fn func(jeton.Tx) (jeton.Event, error)) (e jeton.Event, err error) {
	defer func() {
		if r := recover(); r != nil {
			// The value may hold what a client sent; its type and the place say enough.
			g.log.Error("a change panicked", "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			err = errors.New("a change panicked")
		}
	}()
	if e, err = fn(t); err == nil && (e.Action == "" || e.Target == "") {
		err = errors.New("a change has an event without an action or a target")
	}
	return e, err
}

// undo takes back what a change wrote.
func (g *group) undo(t *tx) {
	if !t.wroteRoles && t.broken == nil {
		g.table = t.table // it was only read
	}
	clean := g.w.unqueue(t.began) || !t.wrote && t.broken == nil
	switch {
	case clean:
	case !g.oneByOne:
		g.fate, g.lost = fateRetry, t.broken
		return
	default:
		if _, err := g.w.exec(g.ctx, stmt(undoChange)); g.failed(err) {
			return
		}
	}
	g.release()
}

// keep takes what a change did into the group, and gives its event its place.
func (g *group) keep(t *tx, ch *change) {
	g.head.tokenSeq = t.tokenSeq
	g.counts.merge(t.counts)
	g.prefetch.added(t.addedFor)
	g.table = t.table
	if t.wroteRoles {
		g.head.rolesVersion++
	}
	ch.event = g.record(ch.event)
	ch.head = g.head.public()
	g.release()
}

// release gives up the savepoint of a change, if it has one.
func (g *group) release() {
	if g.oneByOne {
		g.failed(g.w.queue(g.ctx, stmt(releaseSave)))
	}
}

// failed reports whether an error ends the group: what happened to a statement of
// the group itself cannot be told from what happened to the connection.
func (g *group) failed(err error) bool {
	if err == nil {
		return false
	}
	if g.fate == fateOpen {
		g.fate, g.lost = fateRetry, err
		if g.oneByOne {
			g.fate = fateLost
		}
	}
	return true
}

// record puts an event at the end of the journal.
func (g *group) record(e jeton.Event) jeton.Event {
	g.head.position++
	e.Position = g.head.position
	g.events = append(g.events, e)
	return e
}

// note adds the events that go with no change.
func (g *group) note(notes []jeton.Event) {
	g.noted = len(notes)
	for _, e := range notes {
		g.record(e)
	}
}

// finish commits, or rolls back where nothing was written.
func (g *group) finish() {
	defer g.w.ended()
	if g.fate == fateOpen && len(g.events) > 0 {
		err := g.commit()
		switch {
		case err == nil:
			return
		case errors.Is(err, errUndone):
			g.failed(err)
		default:
			g.fate, g.lost = fateLost, err
			return
		}
	}
	if err := g.w.rollback(g.ctx); err != nil {
		g.fate, g.lost = fateLost, errors.Join(g.lost, err)
	}
}

func (g *group) commit() error {
	err := g.counts.write(g.ctx, g.w)
	if err == nil {
		err = writeEvents(g.ctx, g.w, g.events)
	}
	if err == nil {
		err = g.w.queue(g.ctx, stmt(writeHead, g.head.position, g.head.tokenSeq, g.head.rolesVersion))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUndone, err) // no COMMIT was sent
	}
	return g.w.commit(g.ctx)
}

// maxEventRows bounds the rows of one statement, and so how many different
// statements are kept prepared.
const maxEventRows = 32

// writeEvents writes events in as few statements as that allows.
func writeEvents(ctx context.Context, w link, events []jeton.Event) error {
	const columns = 9
	for some := range slices.Chunk(events, maxEventRows) {
		args := make([]any, 0, columns*len(some))
		for _, e := range some {
			var err error
			if args, err = eventArgs(args, e); err != nil {
				return err
			}
		}
		if err := w.queue(ctx, stmt(addEvents+values(len(some), columns), args...)); err != nil {
			return err
		}
	}
	return nil
}

// answer tells every member what became of it.
func (g *group) answer() {
	for _, ch := range g.changes {
		if g.fate != fateOpen {
			ch.event, ch.head, ch.err = jeton.Event{}, jeton.Head{}, fmt.Errorf("the transaction was lost: %w", g.lost)
		}
		close(ch.done)
	}
}
