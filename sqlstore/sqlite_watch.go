package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// ErrReplaced says that the database's files were deleted, replaced or overwritten while
// the server had them open.
var ErrReplaced = errors.New("the database's files were deleted, replaced or overwritten under the running server")

const (
	watchEvery = 150 * time.Millisecond
	// watchDoubts is how many looks in a row have to find a main file that cannot be
	// right. One may meet SQLite while it moves pages from the log to the file.
	watchDoubts = 3
)

// sqliteWatch notices that the files of a running server are no longer its own. It looks
// at what stat tells, which drops no lock, and at what the main file holds, through SQLite.
//
// A file that was moved away and back is the same file: the server goes on. A main file
// that was written over by another is not.
type sqliteWatch struct {
	path string
	log  *slog.Logger
	fate atomic.Pointer[lostFiles]

	live  func(ctx context.Context) (head, error) // reads the head as the server sees it
	stop  context.CancelFunc
	ended sync.WaitGroup

	id      int64 // see readIdentity
	files   sqliteFiles
	started bool

	mu sync.Mutex // held while a look is taken; the committer takes some too

	// Only the goroutine writes what follows, and holds mu then.
	armed  bool // the main file holds id
	last   head // as the main file told
	seen   fileState
	doubts int
}

// lostFiles is why the files are lost.
type lostFiles struct {
	err         error
	overwritten bool
}

func newWatch(path string, log *slog.Logger) *sqliteWatch { return &sqliteWatch{path: path, log: log} }

// noticed returns why the files are lost, as far as it was noticed.
func (w *sqliteWatch) noticed() error {
	if lost := w.fate.Load(); lost != nil {
		return lost.err
	}
	return nil
}

// start begins to watch files of which the main one has the identity id. The connections
// are open, so all three files are there.
func (w *sqliteWatch) start(ctx context.Context, id int64, live func(context.Context) (head, error)) (err error) {
	if w.files, err = filesOf(w.path); err != nil {
		return storeErr(err)
	}
	w.id, w.live, w.started = id, live, true
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.ended.Go(func() { w.run(ctx) })
	return nil
}

func (w *sqliteWatch) end() {
	if w.stop != nil {
		w.stop()
		w.ended.Wait()
	}
}

func (w *sqliteWatch) run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if w.look() == nil {
			w.lookInside(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look compares the files' identities with those at the start.
func (w *sqliteWatch) look() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.started || w.overwritten() {
		return w.noticed()
	}
	now, err := filesOf(w.path)
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrReplaced, err)
	case !now.main.exists():
		err = fmt.Errorf("%w: %s is gone", ErrReplaced, w.path)
	case !now.main.same(w.files.main):
		err = fmt.Errorf("%w: %s is another file now", ErrReplaced, w.path)
	case now.main.size == 0:
		err = fmt.Errorf("%w: %s was emptied", ErrReplaced, w.path)
	case !now.wal.same(w.files.wal):
		err = fmt.Errorf("%w: the log %s-wal is gone, or another", ErrReplaced, w.path)
	case !now.shm.same(w.files.shm):
		err = fmt.Errorf("%w: the log's index %s-shm is gone, or another", ErrReplaced, w.path)
	}
	w.decide(err, now.main.same(w.files.main) && now.main.size == 0)
	return err
}

// overwritten reports whether the main file holds something else, which is for good.
func (w *sqliteWatch) overwritten() bool {
	lost := w.fate.Load()
	return lost != nil && lost.overwritten
}

// decide notes what was found, and logs what is new in it.
func (w *sqliteWatch) decide(err error, overwritten bool) {
	was := w.noticed()
	if err == nil {
		if was != nil {
			w.log.Info("the database's files are back; the server goes on", "file", w.path)
		}
		w.fate.Store(nil)
		return
	}
	w.fate.Store(&lostFiles{err, overwritten})
	if was != nil {
		return
	}
	advice := `stop the server, put the right database in place by "jeton admin restore", and start it`
	if !overwritten {
		advice = "if the same file comes back, the server goes on; otherwise " + advice
	}
	w.log.Error("the database was lost: no change is accepted and nothing is read", "cause", err, "advice", advice)
}

// lookInside looks at what the main file holds when it has changed.
func (w *sqliteWatch) lookInside(ctx context.Context) {
	now, err := stateOf(w.path)
	if err != nil || now == w.seen {
		return
	}
	found, err := mainState(ctx, w.path)
	ok, known := w.plausible(ctx, found, err, now.size < w.seen.size)
	if ctx.Err() != nil || !known {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if ok {
		w.seen, w.doubts = now, 0
		w.armed, w.last = w.armed || found.id == w.id, found.head
		return
	}
	if w.doubts++; w.doubts == watchDoubts {
		w.decide(fmt.Errorf("%w: %s holds something else", ErrReplaced, w.path), true)
	}
}

// plausible reports whether the main file can hold what was found in it: what SQLite
// writes to it moves forward only. A file that SQLite calls damaged may be one that it
// has not extended yet, unless it was cut. Before SQLite wrote to the file for the first
// time since it has an identity, it has none.
func (w *sqliteWatch) plausible(ctx context.Context, found mainContents, err error, cut bool) (ok, known bool) {
	switch {
	case notDatabase(err), err != nil && cut && corrupt(err), found.read && found.id != w.id && (w.armed || found.id != 0):
		return false, true
	case err != nil:
		return !w.armed, !w.armed
	}
	live, err := w.live(ctx)
	if err != nil {
		return false, false
	}
	if found.epoch != live.epoch && found.epoch != w.last.epoch ||
		found.epoch == w.last.epoch && found.position < w.last.position ||
		found.epoch == live.epoch && found.position > live.position {
		return false, true
	}
	return true, true
}

// mainContents is what the main file alone says of itself.
type mainContents struct {
	head
	id   int64
	read bool // id was
}

func mainState(ctx context.Context, path string) (c mainContents, err error) {
	err = mainAlone(ctx, path, func(src source) error {
		if c.id, err = number(ctx, src, stmt(readIdentity)); err != nil {
			return err
		}
		c.read = true
		c.head, err = loadHead(ctx, src)
		return err
	})
	return c, err
}

// readIdentity: each main file has a number of its own, drawn at random, in the place
// that SQLite has for the user's version. A backup gets another. So a main file that was
// put in another's place can be told from it, whatever lies beside it.
const readIdentity = `PRAGMA user_version`

// identify gives the file its number if it has none, and returns it. It moves nothing from
// the log to the main file: of a new database, all but the number's place must be in the
// log, so that a copy without the log is told by its emptiness.
func (e *sqliteEngine) identify(ctx context.Context) (id int64, err error) {
	c, err := e.openWriter()
	if err != nil {
		return 0, err
	}
	defer c.close()
	if id, err = number(ctx, connSource{c}, stmtOnce(readIdentity)); err == nil && id == 0 {
		err = drawIdentity(c)
	}
	if err != nil {
		return 0, err
	}
	return number(ctx, connSource{c}, stmtOnce(readIdentity))
}

func drawIdentity(c *sqliteConn) error {
	id, err := newIdentity(rand.Reader)
	if err != nil {
		return err
	}
	return c.run(stmtOnce(readIdentity+" = "+strconv.FormatInt(int64(id), 10)), nil)
}

// newIdentity is never 0.
func newIdentity(random io.Reader) (int32, error) {
	var b [4]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return 0, err
	}
	return int32(binary.BigEndian.Uint32(b[:])&0x7fffffff | 1), nil
}

// liveHead reads the head as the server sees it.
func (e *sqliteEngine) liveHead(ctx context.Context) (head, error) { return loadHead(ctx, e.verifying) }
