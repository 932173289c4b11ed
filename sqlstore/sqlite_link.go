package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"time"
)

// sqliteLink holds back nothing: its statements do not travel.
type sqliteLink struct {
	engine *sqliteEngine
	conn   *sql.Conn
	stmts  map[string]*sql.Stmt
}

var _ link = (*sqliteLink)(nil)

func (e *sqliteEngine) connect(ctx context.Context) (link, error) {
	conn, err := e.write.Conn(ctx)
	if err != nil {
		return nil, storeErr(err)
	}
	return &sqliteLink{engine: e, conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

func (l *sqliteLink) close() {
	l.closeStatements()
	_ = l.conn.Close() // gives it back to its pool
}

// discard closes the connection for good. Its statements go first: the driver
// falls over statements that outlive their connection.
func (l *sqliteLink) discard() {
	l.closeStatements()
	_ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) // which makes database/sql throw it away
	_ = l.conn.Close()
}

func (l *sqliteLink) closeStatements() {
	for _, s := range l.stmts {
		_ = s.Close() // nothing follows that it could spoil
	}
}

func (l *sqliteLink) prepared(text string) (*sql.Stmt, error) {
	stmt, ok := l.stmts[text]
	if ok {
		return stmt, nil
	}
	stmt, err := l.conn.PrepareContext(context.Background(), text)
	if err == nil {
		l.stmts[text] = stmt
	}
	return stmt, err
}

// The driver runs a goroutine for every statement whose context can end, which
// costs more than the statement; and an INSERT that is interrupted takes the
// whole transaction with it. So no context reaches one.

func (l *sqliteLink) exec(_ context.Context, text string, args ...any) (int64, error) {
	stmt, err := l.prepared(text)
	if err != nil {
		return 0, storeErr(err)
	}
	return touched(stmt.ExecContext(context.Background(), args...))
}

func (l *sqliteLink) execOnce(_ context.Context, text string, args ...any) (int64, error) {
	return touched(l.conn.ExecContext(context.Background(), text, args...))
}

func touched(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, storeErr(err)
	}
	n, err := res.RowsAffected()
	return n, storeErr(err)
}

func (l *sqliteLink) one(ctx context.Context, text string, args []any, dest ...any) error {
	found := false
	err := l.each(ctx, text, args, scanInto(dest, &found))
	return orNotFound(found, err)
}

func (l *sqliteLink) each(_ context.Context, text string, args []any, scan func(row) error) error {
	rows, err := l.query(text, args)
	return scanAll(rows, err, scan)
}

func (l *sqliteLink) eachOnce(_ context.Context, text string, args []any, scan func(row) error) error {
	rows, err := l.conn.QueryContext(context.Background(), text, args...)
	return scanAll(rows, err, scan)
}

func (l *sqliteLink) query(text string, args []any) (*sql.Rows, error) {
	stmt, err := l.prepared(text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(context.Background(), args...)
}

func (l *sqliteLink) send(ctx context.Context, text string, args ...any) error {
	_, err := l.exec(ctx, text, args...)
	return err
}

func (l *sqliteLink) ahead(context.Context, []reading) error { return nil }

func (l *sqliteLink) flush(context.Context) error { return nil }
func (l *sqliteLink) holding() bool               { return false }
func (l *sqliteLink) forget(string) bool          { return false }

func (l *sqliteLink) begin(ctx context.Context, _ bool) error {
	if !l.engine.admin {
		l.engine.breathe()
		_, err := l.execOnce(ctx, `BEGIN IMMEDIATE`)
		return err
	}
	if _, err := l.execOnce(ctx, `PRAGMA busy_timeout = 0`); err != nil {
		return err
	}
	for until := time.Now().Add(adminWait); ; {
		_, err := l.execOnce(ctx, `BEGIN IMMEDIATE`)
		if !isBusy(err) || time.Now().After(until) {
			return err
		}
		if err := sleep(ctx, adminPoll); err != nil {
			return err
		}
	}
}

func (l *sqliteLink) ended() { l.engine.lastEnd = time.Now() }

// values returns "(?,?),(?,?)": the driver asks SQLite for the name of every
// parameter, which costs the more the more there are, unless they have none.
func (l *sqliteLink) values(rows, width int) string {
	row := "(" + strings.Repeat("?,", width-1) + "?)"
	return strings.Repeat(row+",", rows-1) + row
}

// release: a savepoint left open makes SQLite keep the pages it would need to
// go back to it.
func (l *sqliteLink) release() string { return `RELEASE SAVEPOINT change_begins` }
