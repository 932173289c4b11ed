package sqlstore

import (
	"context"
	"errors"

	"jeton"
)

// tx is one change inside a group. What it gathers here joins the group only
// when the change went well.
type tx struct {
	reader
	group *group

	wrote      bool  // a statement touched the database
	onlyAdded  bool  // all it wrote are new tokens
	failed     error // the first statement that failed: the change is lost with it
	tokenSeq   int64
	addedFor   []string // the owners of the tokens that it added
	counts     tally
	table      *jeton.RoleTable // as this change sees it; nil: to be read
	wroteRoles bool
}

var _ jeton.Tx = (*tx)(nil)

func newTx(g *group) *tx {
	t := &tx{group: g, tokenSeq: g.head.tokenSeq, counts: tally{}, table: g.table}
	t.src = t
	t.look = func(_ context.Context, read func(source) error) error { return read(t) }
	return t
}

// note remembers a statement that failed: on PostgreSQL nothing that follows it
// can succeed, and a change that goes on regardless must not be kept.
func (t *tx) note(err error) error {
	if err != nil && t.failed == nil && !errors.Is(err, jeton.ErrNotFound) {
		t.failed = err
	}
	return err
}

// The context of a request never reaches a statement of a group: it would take
// the neighbours' work with it.

func (t *tx) one(_ context.Context, text string, args []any, dest ...any) error {
	return t.note(t.group.w.one(t.group.ctx, text, args, dest...))
}

func (t *tx) each(_ context.Context, text string, args []any, scan func(row) error) error {
	return t.note(t.group.w.each(t.group.ctx, text, args, scan))
}

func (t *tx) eachOnce(_ context.Context, text string, args []any, scan func(row) error) error {
	return t.note(t.group.w.eachOnce(t.group.ctx, text, args, scan))
}

// writes notes a write of which what was read ahead knows nothing.
func (t *tx) writes() {
	t.wrote, t.onlyAdded = true, false
	t.group.ahead = ahead{}
}

func (t *tx) exec(_ context.Context, text string, args ...any) (int64, error) {
	t.writes()
	n, err := t.group.w.exec(t.group.ctx, text, args...)
	return n, t.note(err)
}

// send is exec where neither the rows touched nor the error are of use before
// the end of the change, which then fails.
func (t *tx) send(_ context.Context, text string, args ...any) error {
	t.writes()
	return t.note(t.group.w.send(t.group.ctx, text, args...))
}

// sendToken is send for the parts of a new token, which t.addedFor tells of.
func (t *tx) sendToken(_ context.Context, text string, args ...any) error {
	t.onlyAdded = t.onlyAdded || !t.wrote
	t.wrote = true
	return t.note(t.group.w.send(t.group.ctx, text, args...))
}

func (t *tx) execOnce(_ context.Context, text string, args ...any) (int64, error) {
	t.writes()
	n, err := t.group.w.execOnce(t.group.ctx, text, args...)
	return n, t.note(err)
}

// Tokens implements jeton.TokenReader inside a change, where the counts in the
// database are behind: they are written at the end of the group.
func (t *tx) Tokens(ctx context.Context, offset, limit int64) (page jeton.TokenPage, err error) {
	page.Tokens, err = list(ctx, t.src, tokensNaively, []any{max(limit, 0), offset}, scanToken)
	if err == nil {
		err = t.one(ctx, countTokens, nil, &page.Total)
	}
	return page, err
}

// ownerTokens asks for both at once: every creation of a token asks for it.
const ownerTokens = `SELECT ` + userColumns + `, (SELECT COUNT(*) FROM token t WHERE t.user_id = u.id)
	FROM users u WHERE u.id = $1`
