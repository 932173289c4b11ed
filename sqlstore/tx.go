package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"jeton"
)

// writer is the one connection that changes go through, with its statements.
type writer struct {
	engine engine
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt // kept prepared, where the driver does not
}

func newWriter(ctx context.Context, e engine) (*writer, error) {
	conn, err := e.writer().Conn(ctx)
	if err != nil {
		return nil, storeErr(err)
	}
	return &writer{engine: e, conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

// close gives the connection back to its pool.
func (w *writer) close() {
	for _, s := range w.stmts {
		_ = s.Close() // nothing follows on it that could matter
	}
	_ = w.conn.Close()
}

// discard closes the connection for good. Its statements go first: the driver of
// SQLite falls over statements that outlive their connection.
func (w *writer) discard() {
	for _, s := range w.stmts {
		_ = s.Close()
	}
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // which makes database/sql throw it away
	_ = w.conn.Close()
}

func (w *writer) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	stmt, ok := w.stmts[text]
	if ok {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, text)
	if err == nil {
		w.stmts[text] = stmt
	}
	return stmt, err
}

func (w *writer) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if !w.engine.prepares() {
		return w.conn.QueryContext(ctx, text, args...)
	}
	stmt, err := w.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// exec runs a constant text and returns how many rows it touched.
func (w *writer) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if !w.engine.prepares() {
		return w.execOnce(ctx, text, args...)
	}
	stmt, err := w.prepared(ctx, text)
	if err != nil {
		return 0, storeErr(err)
	}
	return touched(stmt.ExecContext(ctx, args...))
}

// execOnce runs a text that was put together for this one call.
func (w *writer) execOnce(ctx context.Context, text string, args ...any) (int64, error) {
	return touched(w.conn.ExecContext(ctx, text, args...))
}

func touched(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, storeErr(err)
	}
	n, err := res.RowsAffected()
	return n, storeErr(err)
}

func (w *writer) one(ctx context.Context, text string, args []any, dest ...any) error {
	rows, err := w.query(ctx, text, args)
	return scanOne(rows, err, dest)
}

func (w *writer) each(ctx context.Context, text string, args []any, scan func(row) error) error {
	rows, err := w.query(ctx, text, args)
	return scanAll(rows, err, scan)
}

func (w *writer) eachOnce(ctx context.Context, text string, args []any, scan func(row) error) error {
	rows, err := w.conn.QueryContext(ctx, text, args...)
	return scanAll(rows, err, scan)
}

// tx is one change inside a group. What it gathers here joins the group only
// when the change went well.
type tx struct {
	reader
	group *group

	wrote      bool  // a statement touched the database
	failed     error // the first statement that failed: the change is lost with it
	tokenSeq   int64
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

func (t *tx) exec(_ context.Context, text string, args ...any) (int64, error) {
	t.wrote = true
	n, err := t.group.w.exec(t.group.ctx, text, args...)
	return n, t.note(err)
}

func (t *tx) execOnce(_ context.Context, text string, args ...any) (int64, error) {
	t.wrote = true
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

// OwnerTokens implements jeton.Tx.
func (t *tx) OwnerTokens(ctx context.Context, userID string) (jeton.User, int64, error) {
	u, err := t.User(ctx, userID)
	if err != nil {
		return u, 0, err
	}
	var n int64
	return u, n, t.one(ctx, countTokensOf, []any{userID}, &n)
}
