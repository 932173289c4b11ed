package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
)

// sqliteConn is one connection with its prepared statements. It is used by one
// goroutine at a time.
type sqliteConn struct {
	conn       *sqlite.Conn
	statements map[string]*sqlite.Stmt
	row        sqliteRow

	// What follows ends a statement that takes too long.
	deadline *time.Timer
	mu       sync.Mutex
	use      uint64        // number of the use that may be interrupted
	done     chan struct{} // closed: SQLite gives up what it does
	fired    bool          // done is closed
}

// openSQLiteConn opens a connection and runs pragmas on it.
func openSQLiteConn(uri string, flags sqlite.OpenFlags, pragmas ...string) (*sqliteConn, error) {
	conn, err := sqlite.OpenConn(uri, flags|sqlite.OpenURI)
	if err != nil {
		return nil, storeErr(err)
	}
	c := &sqliteConn{conn: conn, statements: map[string]*sqlite.Stmt{}}
	conn.SetBusyTimeout(sqliteBusyTime)
	for _, p := range pragmas {
		if err := c.run(stmtOnce("PRAGMA "+p), nil); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func (c *sqliteConn) close() {
	if c.deadline != nil {
		c.deadline.Stop()
	}
	for _, s := range c.statements {
		_ = s.Finalize()
	}
	_ = c.conn.Close() // there is nothing that could still be lost: COMMIT was answered before
}

// run runs a statement and hands its rows to scan.
func (c *sqliteConn) run(s statement, scan func(row) error) (err error) {
	st, err := c.prepared(s)
	if err != nil {
		return storeErr(err)
	}
	defer func() {
		if s.once {
			_ = st.Finalize()
		} else {
			_ = st.Reset() // its error is that of the last Step, which is known
		}
	}()
	if err := bind(st, s.args); err != nil {
		return err
	}
	return c.step(st, scan)
}

func (c *sqliteConn) step(st *sqlite.Stmt, scan func(row) error) error {
	c.row.st = st
	for {
		more, err := st.Step()
		if err != nil || !more {
			return storeErr(err)
		}
		if scan == nil {
			continue
		}
		if err := scan(&c.row); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return storeErr(err)
		}
	}
}

// prepared returns the statement of a text. SQLite numbers ?1 by its number, but $1
// by where it stands first.
func (c *sqliteConn) prepared(s statement) (*sqlite.Stmt, error) {
	if st, ok := c.statements[s.text]; ok && !s.once {
		return st, nil
	}
	st, rest, err := c.conn.PrepareTransient(strings.ReplaceAll(s.text, "$", "?"))
	if err != nil {
		return nil, err
	}
	if rest > 0 {
		_ = st.Finalize()
		return nil, fmt.Errorf("more than one statement: %s", s.text)
	}
	if !s.once {
		c.statements[s.text] = st
	}
	return st, nil
}

func bind(st *sqlite.Stmt, args []any) error {
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			st.BindText(i+1, v)
		case int64:
			st.BindInt64(i+1, v)
		case int:
			st.BindInt64(i+1, int64(v))
		case bool:
			st.BindBool(i+1, v)
		case []byte:
			st.BindBytes(i+1, v)
		case nil:
			st.BindNull(i + 1)
		default:
			return fmt.Errorf("%w: cannot bind a %T", errDatabase, arg)
		}
	}
	return nil
}

// changes returns how many rows the last INSERT, UPDATE or DELETE touched.
func (c *sqliteConn) changes() int64 { return int64(c.conn.Changes()) }

// limited runs work that ends when ctx does, or after d at the latest: SQLite then
// gives up the statement under way.
func (c *sqliteConn) limited(ctx context.Context, d time.Duration, work func() error) error {
	use := c.arm()
	if c.deadline == nil {
		c.deadline = time.AfterFunc(d, func() { c.fire(use) })
	} else {
		c.deadline.Reset(d)
	}
	hungUp := func() bool { return true }
	if ctx.Done() != nil {
		hungUp = context.AfterFunc(ctx, func() { c.fire(use) })
	}
	safe := false
	defer func() {
		if !safe { // an interrupt may be on its way, or work panicked
			c.disarm()
		}
	}()
	err := work()
	stopped := c.deadline.Stop()
	safe = hungUp() && stopped
	if !stopped || ctx.Err() != nil {
		return c.overdue(ctx, d, err)
	}
	return err
}

// overdue says why a statement was given up. SQLite calls it an interrupt, or a lock
// that it could not get.
func (c *sqliteConn) overdue(ctx context.Context, d time.Duration, err error) error {
	switch code := sqlite.ErrCode(err).ToPrimary(); {
	case code != sqlite.ResultInterrupt && code != sqlite.ResultBusy:
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w after %s", errDatabase, context.DeadlineExceeded, d)
}

// readState runs reads that all see one state of the database, as limited does.
func (c *sqliteConn) readState(ctx context.Context, d time.Duration, read func(source) error) error {
	defer c.rollback() // also of what was interrupted: the next caller must not read an old state
	return c.limited(ctx, d, func() error {
		if err := c.run(stmt(`BEGIN`), nil); err != nil {
			return err
		}
		return read(connSource{c})
	})
}

// connSource is a connection as a source, under limits that are set already.
type connSource struct{ conn *sqliteConn }

func (s connSource) query(_ context.Context, st statement, scan func(row) error) error {
	return s.conn.run(st, scan)
}

// rollback ends the transaction under way, if there is one.
func (c *sqliteConn) rollback() {
	if !c.conn.AutocommitEnabled() {
		c.arm()
		_ = c.run(stmt(`ROLLBACK`), nil)
	}
}

// arm makes sure that the connection can be interrupted, and returns the number of
// this use. The number stays the same until an interrupt may have been on its way.
func (c *sqliteConn) arm() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil || c.fired {
		c.done, c.fired = make(chan struct{}), false
		c.conn.SetInterrupt(c.done)
	}
	return c.use
}

// disarm sees to it that a late interrupt does not meet the next use.
func (c *sqliteConn) disarm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline.Stop()
	c.use++
	c.deadline = nil // its function carries the old number
}

func (c *sqliteConn) fire(use uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if use == c.use && !c.fired {
		c.fired = true
		close(c.done)
	}
}

// sqliteRow is the row where a statement stands.
type sqliteRow struct {
	st     *sqlite.Stmt
	buffer []byte
}

var _ row = (*sqliteRow)(nil)

func (r *sqliteRow) text(column int) string {
	r.buffer = r.appendText(r.buffer[:0], column)
	return string(r.buffer)
}

func (r *sqliteRow) int(column int) int64 { return r.st.ColumnInt64(column) }
func (r *sqliteRow) bool(column int) bool { return r.st.ColumnInt64(column) != 0 }
func (r *sqliteRow) null(column int) bool { return r.st.ColumnIsNull(column) }

func (r *sqliteRow) appendText(b []byte, column int) []byte {
	from := len(b)
	n := r.st.ColumnBytes(column, b[from:cap(b)])
	if n < cap(b)-from {
		return b[:from+n]
	}
	// The room was just enough, or too little.
	n = r.st.ColumnLen(column)
	b = slices.Grow(b, n)
	return b[:from+r.st.ColumnBytes(column, b[from:from+n])]
}
