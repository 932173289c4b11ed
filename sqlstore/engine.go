package sqlstore

import (
	"context"
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// engine is all in which the two databases differ.
type engine interface {
	schema
	// connect makes the connection that changes go through.
	connect(ctx context.Context) (link, error)
	// reader and quickReader are the pools of reads outside changes, the second of
	// those that everybody waits for.
	reader() *sql.DB
	quickReader() *sql.DB
	// ready is called once the schema is there.
	ready(ctx context.Context) error
	close() error

	// reading returns the context of a statement that reads for a request.
	reading(ctx context.Context) context.Context
	// lost reports whether an error says that the connection broke.
	lost(err error) bool
	// look says how several reads share one state of the database.
	look() *sql.TxOptions
	// prepares says whether statements are kept prepared by database/sql; a
	// driver that does so itself needs none of it.
	prepares() bool

	// indexes asks for name and definition of the indexes of the table $1 that
	// are not part of its constraints.
	indexes() string
	// bulk loads rows within a transaction that is under way.
	bulk(ctx context.Context, l link) (bulkLoader, error)
	// check adds to a report what the database itself finds wrong.
	check(ctx context.Context, r *Report) error
}

// schema is how a database's tables come about.
type schema interface {
	// migrator is the pool on which the schema is looked at and changed.
	migrator() *sql.DB
	// migrations returns the steps of the schema, and how goose is told to run
	// them; migrating holds whatever keeps two programs from migrating at once.
	migrations() (fs.FS, goose.Dialect, []goose.ProviderOption, error)
	migrating(ctx context.Context) (unlock func(), err error)
	// versionTable asks whether goose's table is there.
	versionTable() string
}

// open opens the engine that the URL names. Nothing is read or written yet,
// but for the lock file.
func open(ctx context.Context, o Options) (engine, error) {
	if IsPostgres(o.URL) {
		return openPostgres(o)
	}
	return openSQLite(ctx, o)
}
