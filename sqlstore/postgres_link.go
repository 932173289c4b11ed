package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresLink speaks to PostgreSQL without database/sql, for one thing that
// database/sql has no words for: to send several statements and then wait once.
// A change costs the network what it waits for, and nothing else.
type postgresLink struct {
	conn     *pgx.Conn
	held     []heldStatement
	watchdog *time.Timer // breaks the connection of a group that hangs
}

type heldStatement struct {
	text string
	args []any
}

var _ link = (*postgresLink)(nil)

func (e *postgresEngine) connect(ctx context.Context) (link, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, e.config.Copy())
	if err != nil {
		return nil, storeErr(err)
	}
	l := &postgresLink{conn: conn}
	if err := l.durable(ctx); err != nil {
		l.discard()
		return nil, storeErr(err)
	}
	return l, nil
}

// durable sees to it that COMMIT means on disk, where the cluster is set up to
// answer before that. Stronger settings stay.
func (l *postgresLink) durable(ctx context.Context) error {
	_, err := l.conn.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') = 'off'`)
	return err
}

func (l *postgresLink) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = l.conn.Close(ctx) // PostgreSQL rolls back what is left
}

func (l *postgresLink) discard() { l.close() }

// trip sends what is held back and more statements, and waits once. read takes
// the results of those.
func (l *postgresLink) trip(ctx context.Context, more []heldStatement, read func(pgx.BatchResults) error) error {
	b := &pgx.Batch{}
	held := len(l.held)
	for _, s := range append(l.held, more...) {
		b.Queue(s.text, s.args...)
	}
	l.held = l.held[:0]
	results := l.conn.SendBatch(ctx, b)
	err := func() error {
		for range held {
			if _, err := results.Exec(); err != nil {
				return err
			}
		}
		return read(results)
	}()
	if closeErr := results.Close(); err == nil {
		err = closeErr
	}
	return storeErr(err)
}

func (l *postgresLink) ahead(ctx context.Context, all []reading) error {
	statements := make([]heldStatement, len(all))
	for i, r := range all {
		statements[i] = heldStatement{r.text, r.args}
	}
	return l.trip(ctx, statements, func(results pgx.BatchResults) error {
		for _, r := range all {
			rows, err := results.Query()
			if err := scanAll(rows, err, r.scan); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *postgresLink) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = l.trip(ctx, []heldStatement{{text, args}}, func(r pgx.BatchResults) error {
		tag, err := r.Exec()
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

// execOnce keeps the text out of the cache of prepared ones; without arguments
// it is not prepared at all, which some statements must not be.
func (l *postgresLink) execOnce(ctx context.Context, text string, args ...any) (int64, error) {
	if err := l.flush(ctx); err != nil {
		return 0, err
	}
	if len(args) > 0 {
		args = append([]any{pgx.QueryExecModeExec}, args...)
	}
	tag, err := l.conn.Exec(ctx, text, args...)
	return tag.RowsAffected(), storeErr(err)
}

func (l *postgresLink) one(ctx context.Context, text string, args []any, dest ...any) error {
	found := false
	err := l.each(ctx, text, args, scanInto(dest, &found))
	return orNotFound(found, err)
}

func (l *postgresLink) each(ctx context.Context, text string, args []any, scan func(row) error) error {
	return l.trip(ctx, []heldStatement{{text, args}}, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		return scanAll(rows, err, scan)
	})
}

func (l *postgresLink) eachOnce(ctx context.Context, text string, args []any, scan func(row) error) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	rows, err := l.conn.Query(ctx, text, append([]any{pgx.QueryExecModeExec}, args...)...)
	return scanAll(rows, err, scan)
}

func (l *postgresLink) send(_ context.Context, text string, args ...any) error {
	l.held = append(l.held, heldStatement{text, args})
	return nil
}

func (l *postgresLink) flush(ctx context.Context) error {
	if len(l.held) == 0 {
		return nil
	}
	last := l.held[len(l.held)-1]
	l.held = l.held[:len(l.held)-1]
	_, err := l.exec(ctx, last.text, last.args...)
	return err
}

func (l *postgresLink) holding() bool { return len(l.held) > 0 }

func (l *postgresLink) forget(from string) bool {
	for i := len(l.held) - 1; i >= 0; i-- {
		if l.held[i].text == from {
			l.held = l.held[:i]
			return true
		}
	}
	l.held = l.held[:0]
	return false
}

// begin travels with the first look. READ COMMITTED is needed, not just enough:
// what is read after the lock must show what others committed while we waited.
func (l *postgresLink) begin(ctx context.Context, bounded bool) error {
	l.held = l.held[:0]
	if bounded {
		// One timer for a group: a context with a deadline costs every statement.
		conn := l.conn.PgConn().Conn()
		l.watchdog = time.AfterFunc(groupTimeout, func() { _ = conn.Close() })
	}
	if err := l.send(ctx, `BEGIN ISOLATION LEVEL READ COMMITTED`); err != nil {
		return err
	}
	return l.send(ctx, fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d)`, changeLock))
}

func (l *postgresLink) ended() {
	if l.watchdog != nil {
		l.watchdog.Stop()
		l.watchdog = nil
	}
}

// values returns "($1,$2),($3,$4)".
func (l *postgresLink) values(rows, width int) string {
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + marks(1+i*width, width) + ")")
	}
	return b.String()
}

// release: up to maxGroup savepoints inside each other cost nothing that can be
// measured.
func (l *postgresLink) release() string { return "" }
