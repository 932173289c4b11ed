package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sys/unix"
)

const (
	// connectTime bounds the connecting to each host, unless the URL says otherwise, so
	// that one that is silent does not keep the next from being asked.
	connectTime = 2 * time.Second
	// silentTime is how long what was sent may stay without an answer of the other
	// machine's network before the connection counts as broken.
	silentTime = 5 * time.Second
	closeTime  = time.Second

	// pingTime is how long a reading connection that was idle has to show that it works,
	// before another takes its place.
	pingTime = time.Second
	// cancelTime is how long a statement has to end when its caller left, before its
	// connection is given up: the caller waits for that.
	cancelTime = 500 * time.Millisecond
)

type postgresEngine struct {
	config      *pgx.ConnConfig
	log         *slog.Logger
	idle        time.Duration // see Options.Idle
	migrateWait time.Duration
	pooled      atomic.Bool // a connection pooler stands between: see postgres_pooler.go
	listing     *postgresPool
	verifying   *postgresPool
}

func openPostgres(o Options) (_ *postgresEngine, err error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// pgx's own error repeats the URL, though it masks the password.
		return nil, errors.New("the database URL cannot be read: it looks like postgres://user@host:5432/database")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "jeton"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTime
	}
	config.DialFunc = dialer(config.ConnectTimeout).DialContext
	if hosts(config) > 1 && config.ValidateConnect == nil {
		// Of several, the one that changes go to: a read of a standby that lags would renew
		// the trust in what was revoked meanwhile.
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	e := &postgresEngine{config: config, log: o.Log, idle: o.Idle, migrateWait: migrateWait}
	e.pooled.Store(modeGiven(o.URL) && config.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement)
	if e.listing, err = e.newPool(o.Readers); err != nil {
		return nil, err
	}
	if e.verifying, err = e.newPool(o.Quick); err != nil {
		e.listing.pool.Close()
		return nil, err
	}
	return e, nil
}

// hosts returns how many servers the URL names.
func hosts(config *pgx.ConnConfig) int {
	named := map[string]bool{fmt.Sprint(config.Host, ":", config.Port): true}
	for _, f := range config.Fallbacks { // also the same host without TLS
		named[fmt.Sprint(f.Host, ":", f.Port)] = true
	}
	return len(named)
}

// dialer makes connections that notice when the other side falls silent.
func dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{
		Timeout:         timeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silentTime, Interval: time.Second, Count: 3},
		Control: func(network, _ string, c syscall.RawConn) error {
			if !strings.HasPrefix(network, "tcp") {
				return nil
			}
			var failed error
			err := c.Control(func(fd uintptr) {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silentTime.Milliseconds()))
			})
			return errors.Join(err, failed)
		},
	}
}

func (e *postgresEngine) lists() pool { return e.listing }
func (e *postgresEngine) quick() pool { return e.verifying }

// ready warns of a schema where any role may make functions: one that fits a statement
// better than PostgreSQL's own would run with Jeton's rights (CVE-2018-1058).
func (e *postgresEngine) ready(ctx context.Context) error {
	open, err := yes(ctx, e.verifying, stmt(openSchema))
	if open {
		e.log.Warn(openSchemaWarning)
	}
	return err
}

const (
	openSchema        = `SELECT COALESCE(pg_catalog.has_schema_privilege('public', pg_catalog.current_schema(), 'CREATE'), FALSE)`
	openSchemaWarning = "every role can make functions and tables in the schema of Jeton's tables: REVOKE CREATE ON SCHEMA public FROM PUBLIC"
)

// intact: the server knows by itself.
func (e *postgresEngine) intact() error { return nil }

func (e *postgresEngine) close() error {
	e.listing.pool.Close()
	e.verifying.pool.Close()
	return nil
}

// writable returns the settings of a connection that changes go through: of several
// hosts, one that takes writes.
func (e *postgresEngine) writable() *pgx.ConnConfig {
	c := e.config.Copy()
	if c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return c
}

// snapshot reads in a transaction of its own.
func (e *postgresEngine) snapshot(ctx context.Context, read func(source) error) error {
	return storeErr(pgx.BeginTxFunc(ctx, e.listing.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly},
		func(tx pgx.Tx) error { return read(postgresSource{tx}) }))
}

// postgresSource is a transaction as a source without a deadline of its own.
type postgresSource struct{ querier querier }

func (s postgresSource) query(ctx context.Context, st statement, scan func(row) error) error {
	return queryPostgres(ctx, s.querier, st, scan)
}
