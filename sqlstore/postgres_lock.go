package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// migrateLock is the number of the advisory lock that keeps two programs from
	// migrating at once, drawn at random once.
	migrateLock = 5047241938706184214

	// migrateWait is how long a program waits for the migration of another, by default,
	// and migrateTell how often it says so.
	migrateWait = 5 * time.Minute
	migrateTell = 10 * time.Second

	migrateHolder = `SELECT COALESCE(MAX('process ' || a.pid || ' of role ' || a.usename), 'an unknown process')
		FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
			AND (l.classid::bigint << 32) + l.objid::bigint = $1 AND a.datname = current_database()`
)

// migrating takes the lock in a transaction that stays open until unlock: a lock of a
// session would be lost, or never let go, behind a connection pooler. Any role that can
// connect can hold an advisory lock, so an error names the holder.
func (e *postgresEngine) migrating(ctx context.Context) (unlock func(), err error) {
	for began := time.Now(); ; {
		conn, err := e.lockMigration(ctx)
		if err == nil {
			unlock := func() { closeConn(conn) } // the end of the connection ends the transaction
			if err := e.roomBeside(ctx); err != nil {
				unlock()
				return nil, err
			}
			return unlock, nil
		}
		if sqlState(err) != lockNotAvailable {
			return nil, storeErr(fmt.Errorf("lock the schema: %w", err))
		}
		holder := "an unknown process"
		if err := one(ctx, e.listing, stmt(migrateHolder, int64(migrateLock)), func(r row) { holder = r.text(0) }); err != nil {
			return nil, err
		}
		if time.Since(began) > e.migrateWait {
			return nil, fmt.Errorf("%w: the migration waits for the advisory lock %d, which %s holds: "+
				"wait for its end, or end it with pg_terminate_backend", errBusy, int64(migrateLock), holder)
		}
		e.log.Warn("the migration waits for that of another program", "holder", holder)
	}
}

// roomBeside fails where a pooler gives no connection but the one that holds the lock:
// the migration would wait for ever.
func (e *postgresEngine) roomBeside(ctx context.Context) error {
	_, err := number(ctx, e.verifying, stmt(`SELECT 1`))
	if err != nil && e.pooled.Load() {
		err = fmt.Errorf("a migration needs two server connections of the connection pooler at once: "+
			"let it have them, or migrate with a URL that leads to the server itself: %w", err)
	}
	return err
}

// lockMigration waits for the lock for migrateTell at most.
func (e *postgresEngine) lockMigration(ctx context.Context) (*pgx.Conn, error) {
	conn, _, err := e.dial(ctx)
	if err != nil {
		return nil, err
	}
	// Without arguments a text of several statements is one trip.
	_, err = conn.Exec(ctx, fmt.Sprintf(`BEGIN; SELECT %s; SELECT pg_advisory_xact_lock(%d)`,
		settings(true, 0, min(migrateTell, e.migrateWait), 0), int64(migrateLock)))
	if err != nil {
		closeConn(conn)
		return nil, err
	}
	return conn, nil
}

// dial makes a connection that takes writes, and reports whether it leads to the server
// itself.
func (e *postgresEngine) dial(ctx context.Context) (conn *pgx.Conn, direct bool, err error) {
	for range 2 { // the first one may find a pooler
		config := e.writable()
		e.adapt(config)
		if conn, err = pgx.ConnectConfig(ctx, config); err != nil { // bounded for each host: see connectTime
			return nil, false, err
		}
		bounded, cancel := context.WithTimeout(ctx, connectTime)
		direct, err = e.direct(bounded, conn)
		cancel()
		if err == nil {
			return conn, direct, nil
		}
		closeConn(conn)
		if !errors.Is(err, errPooled) {
			break
		}
	}
	return nil, false, err
}

// closeConn closes a connection. PostgreSQL rolls back what is left.
func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	_ = conn.Close(ctx) // the server notices the end of the connection anyway
}
