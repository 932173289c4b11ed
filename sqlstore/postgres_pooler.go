package sqlstore

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// A connection pooler such as PgBouncer may give each transaction of one connection to
// another session of the server ("transaction pooling"). Then a prepared statement is
// missing in the next transaction, or already there, and a setting of the session is
// lost, or leaks to another client. Behind a pooler, therefore, statements have no
// names, and the settings of changes are those of their transaction: they travel with
// BEGIN. No lock and no setting lives longer than a transaction.

// errPooled says that a connection was made for a direct server, and reached a pooler.
var errPooled = errors.New("the server is behind a connection pooler")

// pooledMode sends a statement and its arguments in one trip, without a name. A mode
// that asks for the types of a statement in a trip of its own would prepare on one
// session, and run on another.
const pooledMode = pgx.QueryExecModeExec

// modeGiven reports whether the URL says how statements are to be sent.
func modeGiven(url string) bool { return strings.Contains(url, "default_query_exec_mode=") }

// adapt makes the settings of the next connection fit what is known of the server.
func (e *postgresEngine) adapt(c *pgx.ConnConfig) {
	if !e.pooled.Load() {
		return
	}
	if c.DefaultQueryExecMode != pgx.QueryExecModeSimpleProtocol {
		c.DefaultQueryExecMode = pooledMode
	}
	// PgBouncer 1.18 ends ("bad client state") when a client asks it to cancel a statement
	// and hangs up before it could pass that on. The connection of a caller that left is
	// closed instead; pgx then asks for the cancellation and waits 15 s for the answer.
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.DeadlineContextWatcherHandler{Conn: conn.Conn()}
	}
}

// direct reports whether a new connection leads to the server itself. It does if the
// process that answers is the one that the connection was made to: a pooler names
// none, or another. Where that is learnt first, it fails with errPooled: the
// connection has the wrong settings, and the next one will have the right ones.
func (e *postgresEngine) direct(ctx context.Context, conn *pgx.Conn) (bool, error) {
	if e.pooled.Load() {
		return false, nil
	}
	var pid uint32
	row := conn.QueryRow(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeSimpleProtocol)
	if err := row.Scan(&pid); err != nil || pid == conn.PgConn().PID() {
		return true, err
	}
	if !e.pooled.Swap(true) {
		e.log.Info("the database is behind a connection pooler: statements are not prepared, and settings are those of a transaction")
	}
	return false, errPooled
}
