package sqlstore

import (
	"context"
	"errors"

	"jeton"
)

// tx is one change inside a group. What it gathers here joins the group only
// when the change went well.
type tx struct {
	group *group
	began int // how many statements the transaction had before it

	wrote      bool  // a statement of the change may touch the database
	broken     error // the first statement that failed: the change is lost with it
	tokenSeq   int64
	addedFor   []string // the owners of the tokens that it added
	counts     tally
	table      *jeton.RoleTable // as this change sees it; nil: to be read
	wroteRoles bool
}

var _ jeton.Tx = (*tx)(nil)

func newTx(g *group) *tx {
	return &tx{group: g, began: g.w.mark(), tokenSeq: g.head.tokenSeq, counts: tally{}, table: g.table}
}

// note remembers a statement that failed: a change that goes on regardless must not be
// kept.
func (t *tx) note(err error) error {
	if t.broken == nil {
		t.broken = err
	}
	return err
}

// query makes a change under way a source. The context is the group's, whatever the
// caller gives: a request that ends would take the neighbours' work with it.
func (t *tx) query(_ context.Context, s statement, scan func(row) error) error {
	if t.broken != nil {
		return t.broken
	}
	return t.note(t.group.w.query(t.group.ctx, s, scan))
}

// ctx is the context of the statements.
func (t *tx) ctx() context.Context { return t.group.ctx }

// writes notes a write of which what was prefetched knows nothing.
func (t *tx) writes() {
	t.wrote = true
	t.group.prefetch = prefetch{}
}

// A statement that failed may have taken the whole transaction with it: on SQLite what
// follows would be on disk at once. So none follows.

// exec waits for the number of rows that the statement touched.
func (t *tx) exec(s statement) (int64, error) {
	if t.broken != nil {
		return 0, t.broken
	}
	n, err := t.group.w.exec(t.group.ctx, s)
	if n > 0 || err != nil {
		t.writes()
	}
	return n, t.note(err)
}

// send is exec where the caller needs neither the rows touched nor the error before
// the end of the change, which then fails.
func (t *tx) send(s statement) error {
	if t.broken != nil {
		return t.broken
	}
	t.writes()
	return t.note(t.group.w.queue(t.group.ctx, s))
}

// sendToken is send for the parts of a new token, which t.addedFor tells of.
func (t *tx) sendToken(s statement) error {
	if t.broken != nil {
		return t.broken
	}
	t.wrote = true
	return t.note(t.group.w.queue(t.group.ctx, s))
}

// settle waits for the outcome of all statements.
func (t *tx) settle() { _ = t.note(t.group.w.flush(t.group.ctx)) }

// removeByID deletes the one row that an id names.
func (t *tx) removeByID(text, id string) error {
	if !storable(id) {
		return jeton.ErrNotFound
	}
	return mustTouch(t.exec(stmt(text, id)))
}

// free reports as taken what a row of another id than own has. All checks of
// uniqueness read before they write: no other program writes meanwhile, and no
// driver's error has to be understood.
func (t *tx) free(text, value, own string, taken error) error {
	var id string
	err := one(t.ctx(), t, stmt(text, value), func(r row) { id = r.text(0) })
	switch {
	case errors.Is(err, jeton.ErrNotFound):
		return nil
	case err != nil:
		return err
	case id != own:
		return taken
	}
	return nil
}

// mustTouch turns a write that met no row into jeton.ErrNotFound.
func mustTouch(n int64, err error) error {
	if err == nil && n == 0 {
		return jeton.ErrNotFound
	}
	return err
}
