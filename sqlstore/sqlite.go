package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
)

// sqliteBusyTime is how long a statement waits for a lock of another program.
const sqliteBusyTime = 10 * time.Second

// Pages of 2 KiB: a new token dirties a few pages far apart, and each is written
// twice, to the log and to the file.
func sqlitePragmas() []string {
	return []string{"page_size=2048", "journal_mode=WAL", "synchronous=FULL", "journal_size_limit=67108864"}
}

const (
	sqliteWriterCache = "cache_size=-8000" // KiB
	sqliteReaderCache = "cache_size=-4000"

	adminWait = 30 * time.Second // how long a tool beside a server waits for its turn
	lockPoll  = 50 * time.Millisecond
)

// ErrLocked says that a server holds the lock of a SQLite file.
var ErrLocked = errors.New("another jeton server runs on this database")

type sqliteEngine struct {
	path      string
	admin     bool
	lock      *flock.Flock // nil for a tool beside a server
	listing   *sqlitePool
	verifying *sqlitePool
	watch     *sqliteWatch

	lastEnd, lastGap time.Time // of transactions; only the committer touches them
}

func openSQLite(ctx context.Context, o Options) (_ *sqliteEngine, err error) {
	path, err := resolve(o.URL)
	if err != nil {
		return nil, err
	}
	if err := refuse(ctx, path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the database: %w", err)
	}
	e := &sqliteEngine{path: path, admin: o.Admin, watch: newWatch(path, o.Log)}
	e.listing, e.verifying = newSQLitePool(o.Readers, e.openReader), newSQLitePool(o.Quick, e.openReader)
	e.listing.intact, e.verifying.intact = e.watch.noticed, e.watch.noticed
	// The lock lies in a file of its own: opening and closing the database's file would
	// drop the locks that SQLite holds on it. The file also gives the database its mode.
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if !o.Admin {
		e.lock = lock
		return e, e.takeLock(ctx, lock, 0, "stop it first, or give this one a database of its own with --db")
	}
	f, err := os.OpenFile(lock.Path(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	return e, f.Close()
}

// resolve returns the path that a database really has: a second name of the file,
// by a link, must not be a second lock.
func resolve(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if to, err := os.Readlink(path); err == nil { // of a file that is still to be made
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		return resolve(to)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	return filepath.Join(dir, filepath.Base(path)), err
}

// takeLock takes the server's lock, trying again for as long as wait says.
func (e *sqliteEngine) takeLock(ctx context.Context, lock *flock.Flock, wait time.Duration, advice string) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	got, err := lock.TryLock()
	if err == nil && !got && wait > 0 {
		got, err = lock.TryLockContext(ctx, lockPoll)
	}
	if got {
		return nil
	}
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w (it holds %s): %s", ErrLocked, lock.Path(), advice)
	}
	return fmt.Errorf("lock the database: %w", err)
}

// uri names the file; the mode of files that SQLite makes is that of the lock file.
func (e *sqliteEngine) uri() string {
	// SQLite reads no + as a space.
	mode := strings.ReplaceAll(url.QueryEscape(e.path+".lock"), "+", "%20")
	return (&url.URL{Scheme: "file", Path: e.path}).String() + "?modeof=" + mode
}

func (e *sqliteEngine) openWriter() (*sqliteConn, error) {
	return openSQLiteConn(e.uri(), sqlite.OpenReadWrite|sqlite.OpenCreate, append(sqlitePragmas(), sqliteWriterCache)...)
}

func (e *sqliteEngine) openReader() (*sqliteConn, error) {
	c, err := openSQLiteConn(e.uri(), sqlite.OpenReadWrite|sqlite.OpenCreate,
		append(sqlitePragmas(), sqliteReaderCache, "query_only=1")...)
	if err == nil {
		c.conn.SetBlockOnBusy() // until a deadline interrupts it; a busy time-out would pass that by
	}
	return c, err
}

func (e *sqliteEngine) lists() pool { return e.listing }
func (e *sqliteEngine) quick() pool { return e.verifying }

// ready makes sure of the modes of files that were there before, and has a server
// watch over them.
func (e *sqliteEngine) ready(ctx context.Context) error {
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		if err := os.Chmod(e.path+suffix, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if e.lock == nil {
		return nil
	}
	id, err := e.identify(ctx)
	if err != nil {
		return err
	}
	return e.watch.start(ctx, id, e.liveHead)
}

// intact returns why nothing may be written or acknowledged.
func (e *sqliteEngine) intact() error { return e.watch.look() }

func (e *sqliteEngine) close() error {
	e.watch.end()
	if !e.watch.overwritten() { // closing would write the log into a file to which it does not belong
		e.listing.close()
		e.verifying.close()
	}
	if e.lock == nil {
		return nil
	}
	// The file stays: removing it would let two programs hold locks on two files of
	// one name.
	return e.lock.Close()
}

// snapshot reads on a connection of its own.
func (e *sqliteEngine) snapshot(ctx context.Context, read func(source) error) error {
	c, err := e.openReader()
	if err != nil {
		return err
	}
	defer c.close()
	return c.readState(ctx, forever, read)
}
