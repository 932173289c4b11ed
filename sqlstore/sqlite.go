package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/sqlite/*.sql
var sqliteSteps embed.FS

const (
	// Pages of 2 KiB: a new token dirties a few pages far apart, and each is
	// written twice, to the log and to the file.
	sqlitePragmas = `page_size(2048)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)` +
		`&_pragma=busy_timeout(10000)&_pragma=journal_size_limit(67108864)`
	sqliteWriterCache = `cache_size(-8000)` // KiB
	sqliteReaderCache = `cache_size(-4000)`

	adminWait = 30 * time.Second // how long a tool beside a server waits for its turn

	// A server that commits without a pause leaves no moment in which a tool
	// beside it could get the lock, for SQLite's locks do not queue: so it makes
	// a pause now and then, and the tool asks often enough to hit it.
	breathEvery = 250 * time.Millisecond
	breath      = 2 * time.Millisecond
	adminPoll   = 1 * time.Millisecond
)

// ErrLocked says that a server holds the lock of a SQLite file.
var ErrLocked = errors.New("another jeton server runs on this database")

type sqliteEngine struct {
	path  string
	admin bool
	write *sql.DB
	read  *sql.DB
	quick *sql.DB
	lock  *fileLock // nil for a tool beside a server

	lastEnd, lastGap time.Time // of transactions; only the committer touches them
}

func openSQLite(ctx context.Context, o Options) (_ *sqliteEngine, err error) {
	path, err := filepath.Abs(o.URL)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the database: %w", err)
	}
	e := &sqliteEngine{path: path, admin: o.Admin}
	lock, err := openFileLock(path + ".lock")
	if err != nil {
		return nil, err
	}
	if o.Admin {
		lock.close() // it is only there to give the database its mode
	} else if err := lock.take(ctx, 0); err != nil {
		lock.close()
		return nil, fmt.Errorf("%w (it holds %s): stop it first, or give this one a database of its own with --db",
			ErrLocked, lock.path)
	} else {
		e.lock = lock
	}
	if err := e.openPools(o.Readers, o.Quick); err != nil {
		_ = e.close()
		return nil, err
	}
	return e, nil
}

// openPools opens the pools; the file itself is opened on first use.
func (e *sqliteEngine) openPools(readers, quick int) (err error) {
	name := (&url.URL{Scheme: "file", Path: e.path}).String() + "?_pragma=" + sqlitePragmas +
		"&modeof=" + strings.ReplaceAll(url.QueryEscape(e.path+".lock"), "+", "%20") // SQLite reads no + as a space
	if e.write, err = sql.Open("sqlite", name+"&_txlock=immediate&_pragma="+sqliteWriterCache); err != nil {
		return err
	}
	e.write.SetMaxOpenConns(1)
	if e.read, err = openReaders(name, readers); err != nil {
		return err
	}
	e.quick, err = openReaders(name, quick)
	return err
}

func openReaders(name string, n int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name+"&_query_only=1&_pragma="+sqliteReaderCache)
	if err == nil {
		db.SetMaxOpenConns(n)
		db.SetMaxIdleConns(n)
	}
	return db, err
}

func (e *sqliteEngine) reader() *sql.DB      { return e.read }
func (e *sqliteEngine) quickReader() *sql.DB { return e.quick }
func (e *sqliteEngine) migrator() *sql.DB    { return e.write }

// ready makes sure of the modes of files that were there before.
func (e *sqliteEngine) ready(context.Context) error {
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if err := os.Chmod(e.path+suffix, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (e *sqliteEngine) close() error {
	var errs []error
	for _, db := range []*sql.DB{e.read, e.quick, e.write} { // the writer last: it empties the log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if e.lock != nil {
		e.lock.close()
	}
	return errors.Join(errs...)
}

// breathe makes a pause when there was none for too long.
func (e *sqliteEngine) breathe() {
	now := time.Now()
	if now.Sub(e.lastEnd) > breath {
		e.lastGap = now
	} else if now.Sub(e.lastGap) > breathEvery {
		time.Sleep(breath)
		e.lastGap = time.Now()
	}
}

// reading: as for a link, no context reaches a statement. None waits for a network.
func (e *sqliteEngine) reading(context.Context) context.Context { return context.Background() }

func (e *sqliteEngine) lost(error) bool { return false }

func (e *sqliteEngine) look() *sql.TxOptions { return nil }
func (e *sqliteEngine) prepares() bool       { return true }

func (e *sqliteEngine) migrations() (fs.FS, goose.Dialect, []goose.ProviderOption, error) {
	steps, err := fs.Sub(sqliteSteps, "migrations/sqlite")
	return steps, goose.DialectSQLite3, nil, err
}

// migrating holds the server's lock: a schema does not change under a server.
func (e *sqliteEngine) migrating(ctx context.Context) (func(), error) {
	if e.lock != nil {
		return func() {}, nil
	}
	lock, err := openFileLock(e.path + ".lock")
	if err != nil {
		return nil, err
	}
	if err := lock.take(ctx, adminWait); err != nil {
		lock.close()
		return nil, fmt.Errorf("the database needs a migration, and %w (it holds %s): stop it, then try again",
			ErrLocked, lock.path)
	}
	return lock.close, nil
}

func (e *sqliteEngine) versionTable() string {
	return `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version')`
}

// isBusy reports whether another connection holds the lock.
func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// sleep waits, or returns why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
