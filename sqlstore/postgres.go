package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
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

	// READ COMMITTED is needed, not just enough: what is read after the lock must
	// show what others committed while we waited for it.
	postgresBegin = `BEGIN ISOLATION LEVEL READ COMMITTED`
)

type postgresEngine struct {
	write *sql.DB
	read  *sql.DB
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
	e := &postgresEngine{
		write: stdlib.OpenDB(*config, stdlib.OptionAfterConnect(durable)),
		read:  stdlib.OpenDB(*config),
	}
	e.write.SetMaxOpenConns(1)
	e.read.SetMaxOpenConns(o.Readers)
	e.read.SetMaxIdleConns(o.Readers)
	return e, nil
}

// durable sees to it that COMMIT means on disk, where the cluster is set up to
// answer before that. Stronger settings stay.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') = 'off'`)
	return err
}

func (e *postgresEngine) writer() *sql.DB { return e.write }
func (e *postgresEngine) reader() *sql.DB { return e.read }

func (e *postgresEngine) ready(context.Context) error { return nil }

func (e *postgresEngine) close() error { return errors.Join(e.read.Close(), e.write.Close()) }

// begin takes one trip: without arguments, two statements may go together.
func (e *postgresEngine) begin(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("%s; SELECT pg_advisory_xact_lock(%d)", postgresBegin, changeLock))
	return err
}

func (e *postgresEngine) ended() {}

// release: giving up a savepoint is one more trip, and up to maxGroup of them
// inside each other cost nothing that can be measured.
func (e *postgresEngine) release() string { return "" }

func (e *postgresEngine) work() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), groupTimeout)
}

func (e *postgresEngine) reading(ctx context.Context) context.Context { return ctx }

func (e *postgresEngine) look() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// prepares: pgx keeps statements prepared itself.
func (e *postgresEngine) prepares() bool { return false }

// values returns "($1,$2),($3,$4)".
func (e *postgresEngine) values(rows, width int) string {
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + marks(1+i*width, width) + ")")
	}
	return b.String()
}

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
