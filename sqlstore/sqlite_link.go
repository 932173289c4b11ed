package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
)

// A server that commits without a pause leaves no moment in which a tool beside it
// could get the lock, for SQLite's locks do not queue: so it makes a pause now and
// then, and the tool asks often enough to meet it.
const (
	breathEvery = 250 * time.Millisecond
	breath      = 2 * time.Millisecond
	adminPoll   = 1 * time.Millisecond
)

// sqliteLink runs every statement at once: nothing travels here. No context reaches
// a statement: an INSERT that is interrupted takes the whole transaction with it.
type sqliteLink struct {
	engine *sqliteEngine
	conn   *sqliteConn
	sent   int // statements of the transaction
}

var _ link = (*sqliteLink)(nil)

func (e *sqliteEngine) connect(context.Context) (link, error) {
	conn, err := e.openWriter()
	if err != nil {
		return nil, err
	}
	if e.admin {
		conn.conn.SetBusyTimeout(0) // begin asks more often than SQLite would
	}
	return &sqliteLink{engine: e, conn: conn}, nil
}

func (l *sqliteLink) close() { l.conn.close() }

func (l *sqliteLink) query(_ context.Context, s statement, scan func(row) error) error {
	l.sent++ // it may write, and return what it wrote
	return l.conn.run(s, scan)
}

func (l *sqliteLink) exec(_ context.Context, s statement) (int64, error) {
	l.sent++
	if err := l.conn.run(s, nil); err != nil {
		return 0, err
	}
	return l.conn.changes(), nil
}

func (l *sqliteLink) queue(ctx context.Context, s statement) error {
	_, err := l.exec(ctx, s)
	return err
}

func (l *sqliteLink) flush(context.Context, ...reading) error { return nil }
func (l *sqliteLink) mark() int                               { return l.sent }
func (l *sqliteLink) unqueue(mark int) bool                   { return l.sent == mark }

func (l *sqliteLink) begin(ctx context.Context, _ bool, _ ...reading) (head, error) {
	if err := l.lock(ctx); err != nil {
		return head{}, err
	}
	return loadHead(ctx, l)
}

// lock takes the write lock of the file.
func (l *sqliteLink) lock(ctx context.Context) error {
	begin := stmt(`BEGIN IMMEDIATE`)
	if !l.engine.admin {
		l.engine.breathe()
		return busy(l.conn.run(begin, nil))
	}
	for until := time.Now().Add(adminWait); ; {
		err := busy(l.conn.run(begin, nil))
		if !errors.Is(err, errBusy) || time.Now().After(until) {
			return err
		}
		if err := sleep(ctx, adminPoll); err != nil {
			return err
		}
	}
}

// busy adds errBusy to an error that means it.
func busy(err error) error {
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultBusy {
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return err
}

func (l *sqliteLink) ended() { l.engine.lastEnd = time.Now() }

func (l *sqliteLink) commit(context.Context) error { return l.conn.run(stmt(`COMMIT`), nil) }

// rollback: SQLite may have undone the transaction already, for the sake of an error.
func (l *sqliteLink) rollback(context.Context) error {
	if l.conn.conn.AutocommitEnabled() {
		return nil
	}
	return l.conn.run(stmt(`ROLLBACK`), nil)
}

// breathe makes a pause when there was none for too long.
func (e *sqliteEngine) breathe() {
	now := time.Now()
	if now.Sub(e.lastEnd) > breath {
		e.lastGap = now
	} else if now.Sub(e.lastGap) > breathEvery {
		time.Sleep(breath)
		e.lastGap = time.Now()
	}
}

// sleep waits, or returns why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
