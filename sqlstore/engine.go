package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// engine is all in which the two databases differ.
type engine interface {
	schema
	// lists and quick are the pools of reads outside changes. The second serves what
	// every request may have to wait for, so that lists cannot delay it.
	lists() pool
	quick() pool
	// connect makes the connection that changes go through.
	connect(ctx context.Context) (link, error)
	// ready is called once the schema is there.
	ready(ctx context.Context) error
	// intact returns why nothing may be written or acknowledged: the database that is
	// open is no longer the one that the next start would open. It takes microseconds.
	intact() error
	close() error

	// snapshot runs reads that all see one state of the database. They have no
	// deadline but that of ctx.
	snapshot(ctx context.Context, read func(source) error) error
	// check adds to a report what the database itself finds wrong.
	check(ctx context.Context, r *Report) error

	// indexes asks for name and definition of the indexes of the table $1 that
	// are not part of its constraints.
	indexes() string
	// bulk prepares a connection to load many rows.
	bulk(ctx context.Context, l link) (bulkLoader, error)
}

// pool is some connections that read, shared by all requests.
type pool interface {
	source
	stats() Pool
}

// schema is how a database's tables come about. Migrations go through
// database/sql, as goose wants; nothing else does.
type schema interface {
	// migrator opens the database for migrations.
	migrator() (*sql.DB, error)
	// migrations returns the steps of the schema that are plain SQL, and how goose is
	// told to run them.
	migrations() (fs.FS, goose.Dialect, []goose.ProviderOption, error)
	// rebuild is what differs in the step that moves tokens.
	rebuild() tokenRebuild
	// migrating holds whatever keeps two programs from migrating at once.
	migrating(ctx context.Context) (unlock func(), err error)
	// versionTable asks whether goose's table is there.
	versionTable() string
}

// link is the one connection that changes go through. It is used by one goroutine
// at a time.
type link interface {
	source // query sees the effect of every statement before it

	// begin starts a transaction that holds the database's write lock: what it
	// reads, no other program changes until it ends. It reads the head under that
	// lock, and what is asked for besides. bounded: the transaction may not take
	// longer than a group ever should. ended must follow.
	begin(ctx context.Context, bounded bool, more ...reading) (head, error)
	ended()

	// exec runs a statement and returns how many rows it touched.
	exec(ctx context.Context, s statement) (int64, error)
	// queue runs a statement whose outcome the caller does not need yet: it may be
	// sent with a later one, and its error may be that one's.
	queue(ctx context.Context, s statement) error
	// flush waits for the outcome of all statements. It runs several reads with them,
	// where that saves trips; where it does not, it leaves them out: the caller must be
	// able to do without.
	flush(ctx context.Context, more ...reading) error

	// mark returns how many statements the transaction has so far. unqueue drops those
	// after a mark that are still queued, and reports whether that was all of them: what
	// was sent is not taken back.
	mark() int
	unqueue(mark int) bool

	// commit ends the transaction. errUndone in the chain of its error says that the
	// database is known to have kept nothing of it.
	commit(ctx context.Context) error
	rollback(ctx context.Context) error

	close()
}

// errUndone says that nothing of a transaction was kept. Without it, the outcome of
// a COMMIT that failed is not known.
var errUndone = errors.New("the transaction was undone")

// errBusy says that another program kept the database locked for longer than begin
// waits.
var errBusy = errors.New("another program keeps the database locked")

// reading is a read, and what takes its rows.
type reading struct {
	statement
	scan func(row) error
}

// open opens the engine that the URL names. Nothing is read or written yet,
// but for the lock file.
func open(ctx context.Context, o Options) (engine, error) {
	if IsPostgres(o.URL) {
		return openPostgres(o)
	}
	return openSQLite(ctx, o)
}
