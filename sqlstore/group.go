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

const (
	savepoint  = `SAVEPOINT change_begins`
	undoChange = `ROLLBACK TO SAVEPOINT change_begins`

	writeHead = `UPDATE head SET position = $1, token_seq = $2, roles_version = $3 WHERE id = 1`
)

// group is one transaction with the changes in it. Nothing is answered before
// it ends: what one change saw of another is true only once that is on disk.
type group struct {
	ctx context.Context
	w   link
	log *slog.Logger

	was, head head // as the transaction found it, and as it will leave it
	table     *jeton.RoleTable
	ahead     ahead
	counts    tally
	events    []jeton.Event // to be written at the end
	changes   []*change
	noted     int
	lost      error // the transaction is lost, and all changes with it

	// Tokens that were only added wait for no answer: their statements travel with
	// whatever comes next. What then fails may be anybody's fault, so the group is
	// broken off and run again, carefully: each change waits for its own answers.
	careful   bool
	unsettled bool // the answers to some change's statements are still to come
	broken    bool // to be run again
}

// take runs changes that waited together.
func (g *group) take(some []*change) {
	g.changes = append(g.changes, some...) // they are answered, whatever comes
	g.lookAhead(some)
	for _, ch := range some {
		if g.lost == nil && !g.broken {
			g.apply(ch)
		}
	}
}

// apply runs one change under its own savepoint.
func (g *group) apply(ch *change) {
	if g.lost = g.w.send(g.ctx, savepoint); g.lost != nil {
		return
	}
	t := newTx(g)
	ch.event, ch.err = g.call(t, ch.fn)
	if ch.err == nil && ch.event.Action != "" && t.failed == nil {
		g.settle(t)
	}
	if t.failed != nil && g.unsettled {
		g.broken = true
		return
	}
	if t.failed != nil && ch.err == nil {
		ch.err = t.failed
	}
	ch.event.Position = 0
	switch {
	case ch.err != nil:
		ch.event = jeton.Event{}
		g.undo(t)
	case ch.event.Action == "":
		g.undo(t) // no event, no change
	default:
		g.keep(t, ch)
	}
}

// settle waits for the answers to what a change sent: it is kept once it is known
// to be good, or, where it only added tokens, later.
func (g *group) settle(t *tx) {
	if t.onlyAdded && !g.careful {
		g.unsettled = g.unsettled || g.w.holding()
		return
	}
	if t.note(g.w.flush(g.ctx)) == nil {
		g.unsettled = false
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
	return fn(t)
}

// undo takes back what a change wrote. What was not sent yet need not be taken
// back, and if the savepoint was not either, there is nothing to go back to.
func (g *group) undo(t *tx) {
	if g.w.forget(savepoint) {
		return
	}
	if !t.wroteRoles && t.failed == nil {
		g.table = t.table // it was only read
	}
	if t.wrote || t.failed != nil {
		if _, g.lost = g.w.execOnce(g.ctx, undoChange); g.lost != nil {
			return
		}
	}
	g.release()
}

// keep takes what a change did into the group, and gives its event its place.
func (g *group) keep(t *tx, ch *change) {
	g.head.tokenSeq = t.tokenSeq
	g.counts.merge(t.counts)
	g.ahead.added(t.addedFor)
	g.table = t.table
	if t.wroteRoles {
		g.head.rolesVersion++
	}
	ch.event = g.record(ch.event)
	g.release()
}

func (g *group) release() {
	if text := g.w.release(); text != "" {
		g.lost = g.w.send(g.ctx, text)
	}
}

// record puts an event at the end of the journal.
func (g *group) record(e jeton.Event) jeton.Event {
	g.head.position++
	e.Position = g.head.position
	g.events = append(g.events, e)
	return e
}

// notes adds the events that go with no change.
func (g *group) notes(notes []jeton.Event) {
	if g.lost != nil {
		return
	}
	g.noted = len(notes)
	for _, e := range notes {
		g.record(e)
	}
}

// finish commits, or rolls back what nobody wrote into.
func (g *group) finish() {
	if g.unsettled && g.lost == nil && !g.broken {
		g.broken = g.w.flush(g.ctx) != nil // before COMMIT, so that running again repeats nothing
	}
	if g.lost == nil && !g.broken && len(g.events) > 0 {
		g.lost = g.commit()
		return
	}
	g.w.forget("")
	if _, err := g.w.execOnce(g.ctx, `ROLLBACK`); err != nil && g.lost == nil {
		g.lost = err
	}
}

func (g *group) commit() error {
	if err := g.counts.write(g.ctx, g.w); err != nil {
		return err
	}
	if err := writeEvents(g.ctx, g.w, g.events); err != nil {
		return err
	}
	if err := g.w.send(g.ctx, writeHead, g.head.position, g.head.tokenSeq, g.head.rolesVersion); err != nil {
		return err
	}
	_, err := g.w.exec(g.ctx, `COMMIT`)
	return err
}

// maxEventRows bounds the rows of one statement, and so how many different
// statements are kept prepared.
const maxEventRows = 32

// writeEvents writes events in as few statements as that allows.
func writeEvents(ctx context.Context, w link, events []jeton.Event) error {
	const columns = 7
	for some := range slices.Chunk(events, maxEventRows) {
		args := make([]any, 0, columns*len(some))
		for _, e := range some {
			var err error
			if args, err = eventArgs(args, e); err != nil {
				return err
			}
		}
		if err := w.send(ctx, addEvents+w.values(len(some), columns), args...); err != nil {
			return err
		}
	}
	return nil
}

// answer tells every member what became of it.
func (g *group) answer() {
	for _, ch := range g.changes {
		if g.lost != nil {
			ch.event, ch.err = jeton.Event{}, fmt.Errorf("the transaction was lost: %w", g.lost)
		}
		close(ch.done)
	}
}
