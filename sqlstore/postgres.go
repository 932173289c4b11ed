package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/postgres/*.sql
var postgresSteps embed.FS

const (
	// The numbers of our advisory locks, drawn at random once: one orders the
	// changes of all nodes, the other keeps two from migrating at once.
	changeLock  = 5047241938706184213
	migrateLock = 5047241938706184214

	// groupTimeout bounds a whole group, so that a network that swallows
	// everything does not hold the committer for ever.
	groupTimeout = 60 * time.Second

	connectTimeout = 10 * time.Second
	closeTimeout   = time.Second
)

type postgresEngine struct {
	config *pgx.ConnConfig
	read   *sql.DB
	quick  *sql.DB
}

func openPostgres(o Options) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// pgx's own error repeats the URL, though it masks the password.
		return nil, errors.New("the database URL cannot be read: it looks like postgres://user@host:5432/database")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "jeton"
	}
	e := &postgresEngine{config: config, read: stdlib.OpenDB(*config), quick: stdlib.OpenDB(*config)}
	for db, n := range map[*sql.DB]int{e.read: o.Readers, e.quick: o.Quick} {
		db.SetMaxOpenConns(n)
		db.SetMaxIdleConns(n)
	}
	return e, nil
}

func (e *postgresEngine) reader() *sql.DB      { return e.read }
func (e *postgresEngine) quickReader() *sql.DB { return e.quick }
func (e *postgresEngine) migrator() *sql.DB    { return e.read }

func (e *postgresEngine) ready(context.Context) error { return nil }

func (e *postgresEngine) close() error { return errors.Join(e.read.Close(), e.quick.Close()) }

func (e *postgresEngine) reading(ctx context.Context) context.Context { return ctx }

// lost: the classes of a server that goes away or comes up, and whatever the
// network says, but not a context that ended.
func (e *postgresEngine) lost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, "57P") || strings.HasPrefix(e.Code, "08")
	}
	_, isNet := errors.AsType[*net.OpError](err)
	return isNet || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, driver.ErrBadConn)
}

func (e *postgresEngine) look() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// prepares: pgx keeps statements prepared itself.
func (e *postgresEngine) prepares() bool { return false }

func (e *postgresEngine) migrations() (fs.FS, goose.Dialect, []goose.ProviderOption, error) {
	steps, err := fs.Sub(postgresSteps, "migrations/postgres")
	if err != nil {
		return nil, "", nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrateLock), lock.WithLockTimeout(1, 300))
	return steps, goose.DialectPostgres, []goose.ProviderOption{goose.WithSessionLocker(locker)}, err
}

// migrating: goose takes its session lock itself.
func (e *postgresEngine) migrating(context.Context) (func(), error) { return func() {}, nil }

func (e *postgresEngine) versionTable() string {
	return `SELECT to_regclass('goose_db_version') IS NOT NULL`
}
