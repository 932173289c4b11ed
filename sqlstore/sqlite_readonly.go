package sqlstore

import (
	"context"
	"errors"
	"net/url"

	"golang.org/x/sys/unix"
	"zombiezen.com/go/sqlite"
)

// A SQLite file is read without changing a byte of it, or of what lies beside it, in one
// of three ways. Which one depends on the files that are there.
type readOnlyWay int

const (
	// wayAlone reads the main file alone: there is no -wal, or nothing is in it.
	wayAlone readOnlyWay = iota
	// wayShared reads a file that has a -wal and a -shm: beside a server, or after one
	// that was killed. SQLite then keeps the index of the -wal in memory.
	wayShared
	// wayCopied reads a main file with its -wal and without a -shm: a copy. SQLite would
	// make a -shm, but for a connection that takes the file for itself.
	wayCopied
)

// fileState is what stat tells of a file. The zero value: there is no file.
type fileState struct {
	dev, ino    uint64
	size, links int64
	changed     unix.Timespec
	regular     bool
}

func (f fileState) exists() bool { return f.ino != 0 }

// same reports whether two states are of one file, whatever it holds.
func (f fileState) same(other fileState) bool { return f.dev == other.dev && f.ino == other.ino }

// stateOf returns the zero value where there is no file. It does not open the file, so
// it drops no lock.
func stateOf(path string) (fileState, error) {
	var st unix.Stat_t
	err := unix.Stat(path, &st)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return fileState{}, nil
	}
	if err != nil {
		return fileState{}, err
	}
	return fileState{
		dev: uint64(st.Dev), ino: st.Ino, size: st.Size, links: int64(st.Nlink), changed: st.Mtim, //nolint:unconvert // differs between platforms
		regular: st.Mode&unix.S_IFMT == unix.S_IFREG,
	}, nil
}

// sqliteFiles are the states of a main file, its -wal and its -shm.
type sqliteFiles struct{ main, wal, shm fileState }

func filesOf(path string) (f sqliteFiles, err error) {
	for suffix, to := range map[string]*fileState{"": &f.main, "-wal": &f.wal, "-shm": &f.shm} {
		if *to, err = stateOf(path + suffix); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f sqliteFiles) way() readOnlyWay {
	switch {
	case f.wal.exists() && f.shm.exists():
		return wayShared
	case f.wal.size > 0:
		return wayCopied
	}
	return wayAlone
}

// readOnlyURI names a file for a way of reading it.
func readOnlyURI(path string, way readOnlyWay) string {
	parameters := map[readOnlyWay]string{
		wayAlone: "immutable=1", wayShared: "readonly_shm=1", wayCopied: "vfs=unix-none",
	}
	return (&url.URL{Scheme: "file", Path: path}).String() + "?mode=ro&" + parameters[way]
}

// openReadOnly opens a connection that changes nothing.
func openReadOnly(path string, way readOnlyWay) (*sqliteConn, error) {
	pragmas := []string{sqliteReaderCache}
	if way == wayCopied {
		pragmas = []string{"locking_mode=EXCLUSIVE", sqliteReaderCache} // before anything is read
	}
	c, err := openSQLiteConn(readOnlyURI(path, way), sqlite.OpenReadOnly, pragmas...)
	if err == nil {
		c.conn.SetBlockOnBusy()
	}
	return c, err
}

// errMoved says that a file was changed while it was read in a way that takes no lock.
var errMoved = errors.New("the database was changed while it was read: try again")

// readOnly runs reads that all see one state of a file, and changes nothing.
func readOnly(ctx context.Context, path string, read func(source) error) error {
	return withReadOnly(ctx, path, func(c *sqliteConn) error { return c.readState(ctx, forever, read) })
}

// withReadOnly lends a connection that changes nothing. Two of the ways take no lock. So
// when a server began to work meanwhile, use runs again, beside it.
func withReadOnly(ctx context.Context, path string, use func(*sqliteConn) error) error {
	for try := 1; ; try++ {
		before, err := filesOf(path)
		if err != nil {
			return storeErr(err)
		}
		err = withReadOnlyOnce(path, before.way(), use)
		after, statErr := filesOf(path)
		switch {
		case statErr != nil:
			return errors.Join(err, storeErr(statErr))
		case ctx.Err() != nil, before.way() == wayShared && err == nil, before == after:
			return err
		case try == 3:
			return errors.Join(err, errMoved)
		}
	}
}

func withReadOnlyOnce(path string, way readOnlyWay, use func(*sqliteConn) error) error {
	c, err := openReadOnly(path, way)
	if err != nil {
		return err
	}
	defer c.close()
	return use(c)
}

// mainAlone reads the main file alone, whatever is in its -wal. What it holds is a state
// of the past, or of several, while a server writes to it.
func mainAlone(ctx context.Context, path string, read func(source) error) error {
	return withReadOnlyOnce(path, wayAlone, func(c *sqliteConn) error { return c.readState(ctx, forever, read) })
}
