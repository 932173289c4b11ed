package sqlstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// groupTime bounds a whole group on this side, so that a network that swallows
	// everything does not hold the committer.
	groupTime = 10 * time.Second

	// The server ends a transaction whose program falls silent (frozen, or cut off: see
	// Options.Idle), so that the other nodes can write; and it does not let a statement
	// wait for ever.
	lockTime  = 5 * time.Second
	aloneTime = 8 * time.Second // of one statement

	lockNotAvailable = "55P03" // SQLSTATE of a lock_timeout
)

// pipeline is the connection to PostgreSQL that changes go through. It sends
// statements in as few trips as it can: those whose outcome is not needed yet stay queued until
// one comes whose outcome is needed, and all travel together.
//
//	begin   BEGIN, the lock of the head and what is prefetched: one trip
//	queue   no trip
//	query, exec, flush   one trip, with all that is queued before
//	commit  one trip, with all that is queued before
//
// When a statement fails, the server skips all that travel behind it, COMMIT
// included, and the transaction can only be rolled back, or taken back to a savepoint.
type pipeline struct {
	engine *postgresEngine
	conn   *pgx.Conn
	direct bool // the session is ours: its settings stay. Otherwise each transaction brings them
	queued []statement
	sent   int // statements of the transaction that were sent

	watchdog *time.Timer // breaks the connection of a group that hangs
}

var _ link = (*pipeline)(nil)

func (e *postgresEngine) connect(ctx context.Context) (link, error) {
	conn, direct, err := e.dial(ctx)
	if err != nil {
		return nil, storeErr(err)
	}
	p := &pipeline{engine: e, conn: conn, direct: direct}
	if !direct {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	if _, err := conn.Exec(ctx, groupSettings(false, e.idle)); err != nil {
		p.close()
		return nil, storeErr(err)
	}
	return p, nil
}

// groupSettings are the settings of groups of changes, for the session or, local, for
// one transaction. COMMIT means on disk, also where the cluster is set up to answer
// before that (stronger settings stay); and the time-outs above.
func groupSettings(local bool, idle time.Duration) string {
	return `SELECT ` + durable(local) + `, ` + settings(local, idle, lockTime, aloneTime)
}

// bulkSettings are those of one transaction of bulk work: no time-outs, and memory for
// the building of indexes.
var bulkSettings = `SELECT ` + durable(true) + `, ` + settings(true, 0, lockTime, 0) +
	`, set_config('maintenance_work_mem', '256MB', true)`

func durable(local bool) string {
	return fmt.Sprintf(`set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
		ELSE current_setting('synchronous_commit') END, %t)`, local)
}

func settings(local bool, idle, lock, statement time.Duration) string {
	return fmt.Sprintf(`set_config('idle_in_transaction_session_timeout', '%d', %t), set_config('lock_timeout', '%d', %[2]t),
		set_config('statement_timeout', '%[4]d', %[2]t), set_config('tcp_user_timeout', '%[5]d', %[2]t)`,
		idle.Milliseconds(), local, lock.Milliseconds(), statement.Milliseconds(), silentTime.Milliseconds())
}

func (p *pipeline) close() { closeConn(p.conn) }

// trip sends what is queued, then more, and waits once. read takes the results of
// more. failedAt is the number of the statement that failed, of all that were sent.
func (p *pipeline) trip(ctx context.Context, more []statement, read func(pgx.BatchResults) error) error {
	b := &pgx.Batch{}
	for _, s := range p.queued {
		b.Queue(s.text, s.args...)
	}
	for _, s := range more {
		b.Queue(s.text, s.args...)
	}
	queued := len(p.queued)
	p.queued = p.queued[:0]
	p.sent += queued + len(more)
	if b.Len() == 0 {
		return nil
	}
	results := p.conn.SendBatch(ctx, b)
	err := func() error {
		for range queued {
			if _, err := results.Exec(); sqlState(err) != "" {
				return fmt.Errorf("%w: %w", errUndone, err) // the server skipped what was behind it
			} else if err != nil {
				return err
			}
		}
		return read(results)
	}()
	if closeErr := results.Close(); err == nil {
		err = closeErr
	}
	return p.judge(err)
}

// judge has connections to a server that takes no writes any more dropped.
func (p *pipeline) judge(err error) error {
	if demoted(err) {
		p.engine.listing.pool.Reset()
		p.engine.verifying.pool.Reset()
	}
	return storeErr(err)
}

// readResults returns what reads the results of some reads.
func readResults(all []reading) func(pgx.BatchResults) error {
	return func(results pgx.BatchResults) error {
		for _, r := range all {
			found, err := results.Query()
			if err == nil {
				err = scanRows(found, r.scan)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func statements(all []reading) []statement {
	out := make([]statement, len(all))
	for i, r := range all {
		out[i] = r.statement
	}
	return out
}

const lockedHead = readHead + ` FOR UPDATE`

// begin: READ COMMITTED is needed, not just enough: what is read after the lock must
// show what others committed while we waited for it. The lock is that of a row of
// ours, which only a program with rights on the table can hold.
func (p *pipeline) begin(ctx context.Context, bounded bool, more ...reading) (h head, err error) {
	p.queued, p.sent = p.queued[:0], 0
	p.queued = append(p.queued, stmt(`BEGIN ISOLATION LEVEL READ COMMITTED`))
	if bounded {
		// One timer for a group: a context with a deadline costs every statement.
		conn := p.conn.PgConn().Conn()
		p.watchdog = time.AfterFunc(groupTime, func() { _ = conn.Close() })
	}
	switch {
	case !bounded:
		p.queued = append(p.queued, stmt(bulkSettings))
	case !p.direct:
		p.queued = append(p.queued, stmt(groupSettings(true, p.engine.idle)))
	}
	found := false
	all := append([]reading{{stmt(lockedHead), func(r row) error {
		h, found = scanHead(r), true
		return nil
	}}}, more...)
	if err = p.trip(ctx, statements(all), readResults(all)); err == nil && !found {
		err = errNoHead
	}
	if sqlState(err) == lockNotAvailable {
		err = fmt.Errorf("%w: %w", errBusy, err)
	}
	p.sent = 0 // what was sent so far changed nothing
	return h, err
}

func (p *pipeline) ended() {
	if p.watchdog != nil {
		p.watchdog.Stop()
		p.watchdog = nil
	}
}

func (p *pipeline) query(ctx context.Context, s statement, scan func(row) error) error {
	if s.once {
		if err := p.flush(ctx); err != nil {
			return err
		}
		p.sent++
		return p.judge(queryPostgres(ctx, p.conn, s, scan))
	}
	all := []reading{{s, scan}}
	return p.trip(ctx, statements(all), readResults(all))
}

func (p *pipeline) flush(ctx context.Context, more ...reading) error {
	return p.trip(ctx, statements(more), readResults(more))
}

func (p *pipeline) exec(ctx context.Context, s statement) (n int64, err error) {
	if s.once {
		return p.execOnce(ctx, s)
	}
	err = p.trip(ctx, []statement{s}, func(results pgx.BatchResults) error {
		tag, err := results.Exec()
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

// execOnce keeps the text out of the cache of prepared ones; without arguments it is
// not prepared at all, which some statements must not be.
func (p *pipeline) execOnce(ctx context.Context, s statement) (int64, error) {
	if err := p.flush(ctx); err != nil {
		return 0, err
	}
	args := s.args
	if len(args) > 0 {
		args = append([]any{pgx.QueryExecModeExec}, args...)
	}
	p.sent++
	tag, err := p.conn.Exec(ctx, s.text, args...)
	return tag.RowsAffected(), p.judge(err)
}

func (p *pipeline) queue(_ context.Context, s statement) error {
	p.queued = append(p.queued, s)
	return nil
}

func (p *pipeline) mark() int { return p.sent + len(p.queued) }

func (p *pipeline) unqueue(mark int) bool {
	p.queued = p.queued[:max(mark-p.sent, 0)]
	return mark >= p.sent
}

func (p *pipeline) commit(ctx context.Context) error {
	return p.trip(ctx, []statement{stmt(`COMMIT`)}, func(results pgx.BatchResults) error {
		tag, err := results.Exec()
		if err == nil && tag.String() != "COMMIT" { // of a transaction that had failed
			err = fmt.Errorf("%w: COMMIT was answered %s", errUndone, tag)
		}
		return err
	})
}

func (p *pipeline) rollback(ctx context.Context) error {
	p.queued = p.queued[:0]
	_, err := p.exec(ctx, stmt(`ROLLBACK`))
	return err
}
