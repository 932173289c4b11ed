package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresPool is some reading connections.
type postgresPool struct {
	pool  *pgxpool.Pool
	limit time.Duration // of each read
}

// newPool makes a pool that connects when it is first asked.
func (e *postgresEngine) newPool(n int) (*postgresPool, error) {
	c, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, fmt.Errorf("make a pool of connections: %w", err)
	}
	c.ConnConfig, c.MaxConns, c.MinConns = e.config.Copy(), int32(n), 0
	c.PingTimeout = pingTime
	// A statement whose caller left is ended on the server; the connection stays good,
	// unless the server is silent.
	c.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelTime}
	}
	c.BeforeConnect = func(_ context.Context, config *pgx.ConnConfig) error {
		e.adapt(config)
		return nil
	}
	// Planning the page of a list takes longer than running it, and no statement here has
	// arguments that would want another plan.
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		direct, err := e.direct(ctx, conn)
		if direct && err == nil {
			_, err = conn.Exec(ctx, `SET plan_cache_mode = force_generic_plan`)
		}
		return err
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), c)
	if err != nil {
		return nil, fmt.Errorf("make a pool of connections: %w", err)
	}
	return &postgresPool{pool, readTime}, nil
}

// maxBroken is how many connections a read may find broken before it gives up:
// when a server was replaced, all idle ones are.
const maxBroken = 8

// query implements source. It reads anew where a connection broke before the first
// row came.
func (p *postgresPool) query(ctx context.Context, s statement, scan func(row) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	scanned := false
	for range maxBroken {
		err = queryPostgres(ctx, p.pool, s, func(r row) error {
			scanned = true
			return scan(r)
		})
		if err == nil || scanned || ctx.Err() != nil || !gone(err) {
			break
		}
	}
	return p.judge(ctx, err)
}

// judge gives the context's error where that ended the read. Connections to a server
// that reads only now, or goes down, are not used again.
func (p *postgresPool) judge(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return storeErr(fmt.Errorf("%w: %w", ctx.Err(), err))
	}
	if demoted(err) {
		p.pool.Reset()
	}
	return err
}

// querier is a pool, a connection or a transaction of pgx.
type querier interface {
	Query(ctx context.Context, text string, args ...any) (pgx.Rows, error)
}

func queryPostgres(ctx context.Context, q querier, s statement, scan func(row) error) error {
	args := s.args
	if s.once { // keep the text out of the cache of prepared ones
		args = append([]any{pgx.QueryExecModeExec}, args...)
	}
	rows, err := q.Query(ctx, s.text, args...)
	if err != nil {
		return storeErr(err)
	}
	return scanRows(rows, scan)
}

func (p *postgresPool) stats() Pool {
	s := p.pool.Stat()
	return Pool{
		Max: int(s.MaxConns()), Open: int(s.TotalConns()), InUse: int(s.AcquiredConns()),
		Waits: s.EmptyAcquireCount(), Waited: s.EmptyAcquireWaitTime(),
	}
}

// sqlState returns the code of an error of the server; empty: it is none.
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// demoted reports whether a server says that it takes no writes any more, or that it
// goes down.
func demoted(err error) bool {
	code := sqlState(err)
	return code == "25006" || strings.HasPrefix(code, "57P0")
}

// gone reports whether a connection broke, or is not the right one: the classes of a
// server that goes away or comes up, and whatever the network says, but not a context
// that ended.
func gone(err error) bool {
	if code := sqlState(err); code != "" {
		return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08")
	}
	_, isNet := errors.AsType[*net.OpError](err)
	return isNet || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, errPooled)
}
