package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
)

// ErrInUse says that a program has the database open that a restore would replace.
var ErrInUse = errors.New("another program has the database open")

// RestoreFile is a restore of a SQLite database from a backup.
type RestoreFile struct {
	From string // the backup
	// Prepare gets the restored database before it is put in place. It calls Restore.
	Prepare  func(ctx context.Context, s *Store) error
	Progress Progress

	// step is called before each step on the disk of the swap. An error ends the swap there,
	// as a crash would. Nil: nothing is called.
	step func() error
}

// RestoreSQLite puts a backup in the place of the database that the options name. It
// returns the check of what is there now, and under which name it kept the database that
// was there (empty: there was none). It refuses to while a server runs, and changes
// nothing there before the copy is checked, prepared and on disk. See swap for what a
// crash leaves. Errors: those of Inspect for the backup, and ErrLocked, ErrInUse,
// ErrDamaged, ErrFull.
func RestoreSQLite(ctx context.Context, o Options, r RestoreFile) (is Report, kept string, err error) {
	o = o.withDefaults()
	path, err := resolve(o.URL)
	if err != nil {
		return is, "", err
	}
	unlock, err := claim(ctx, path, r)
	if err != nil {
		return is, "", err
	}
	defer unlock()
	fresh, is, err := prepare(ctx, o, path, r)
	defer removeFiles(fresh)
	if err != nil {
		return is, "", err
	}
	s := swap{path: path, fresh: fresh, at: o.Clock(), step: r.step}
	if s.step == nil {
		s.step = func() error { return nil }
	}
	kept, err = s.run(ctx)
	return is, kept, err
}

// claim checks the backup and takes the server's lock. Where there is no lock file, no
// server can run, and a backup that is refused leaves none.
func claim(ctx context.Context, path string, r RestoreFile) (unlock func(), err error) {
	lock, err := stateOf(path + ".lock")
	if err != nil {
		return nil, err
	}
	if !lock.exists() {
		if err := restorable(ctx, r, path); err != nil {
			return nil, err
		}
		return lockForRestore(path)
	}
	if unlock, err = lockForRestore(path); err != nil {
		return nil, err
	}
	if err := restorable(ctx, r, path); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// lockForRestore takes the server's lock, and makes the folder where there is none.
func lockForRestore(path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the database: %w", err)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	switch got, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the database: %w", err)
	case !got:
		return nil, fmt.Errorf("%w (it holds %s): stop it first", ErrLocked, lock.Path())
	}
	return func() { _ = lock.Close() }, nil
}

// restorable checks the backup.
func restorable(ctx context.Context, r RestoreFile, path string) error {
	from, err := resolve(r.From)
	if err != nil {
		return err
	}
	a, err := stateOf(from)
	if err != nil {
		return err
	}
	if b, err := stateOf(path); err == nil && a.exists() && a.same(b) {
		return fmt.Errorf("%s is the database itself, and no backup of it", r.From)
	}
	_, err = inspectCopy(ctx, from, r.Progress.Checked)
	return err
}

// prepare makes a copy of the backup beside the database, with the present schema and all
// that Prepare does, in one file that is checked and on disk. It returns the name of the
// file also when it fails.
func prepare(ctx context.Context, o Options, path string, r RestoreFile) (fresh string, is Report, err error) {
	if err := removeLeftovers(path); err != nil {
		return "", is, err
	}
	from, err := resolve(r.From)
	if err != nil {
		return "", is, err
	}
	if fresh, err = newFile(path, freshSuffix); err != nil {
		return fresh, is, err
	}
	if err := copyStill(ctx, from, fresh, r.Progress); err != nil {
		return fresh, is, err
	}
	o.URL, o.Admin = fresh, true
	s, err := Open(ctx, o)
	if err != nil {
		return fresh, is, full(err, path)
	}
	err = r.Prepare(ctx, s)
	if err = full(errors.Join(err, s.Close()), path); err != nil {
		return fresh, is, err
	}
	if left, err := stateOf(fresh + "-wal"); err != nil || left.exists() {
		return fresh, is, errors.Join(err, errors.New("the log of the restored database could not be put into its file"))
	}
	if is, err = inspectCopy(ctx, fresh, r.Progress.Checked); err != nil {
		return fresh, is, err
	}
	return fresh, is, full(syncFile(fresh), path)
}

const (
	freshSuffix     = ".restore-"
	restoringSuffix = ".restoring"
	keptSuffix      = ".before-restore-"
)

// removeLeftovers removes what an earlier restore left when it was killed.
func removeLeftovers(path string) error {
	beside, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, f := range beside {
		if rest, is := strings.CutPrefix(f.Name(), filepath.Base(path)+freshSuffix); is && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(path), f.Name())))
		}
	}
	return err
}

// swap puts a file in the place of a database. The database that was there has up to
// four files, and they cannot be replaced at once: a new main file beside the old log
// would be a mix, and the old main file without its log would be an earlier state of it.
// So a marker says that a swap is under way: while it lies there, nothing opens the
// database. The next restore goes on from what it finds.
//
//  1. The marker is made, with the name under which the old files are kept.
//  2. SQLite moves the old log into the old main file, and shows that nobody has it open.
//     Where it cannot, as with a damaged file, the log is kept beside the main file.
//  3. The old files get the names under which they are kept, the main file last.
//  4. The new file gets its name.
//  5. The marker is removed.
//
// Each step is on disk before the next one begins.
type swap struct {
	path, fresh string
	at          time.Time
	kept        string // empty: there was nothing
	logOnly     bool   // there was a log without its main file
	step        func() error
}

// logOnlyMark is in the marker after the name.
const logOnlyMark = "log"

func (s *swap) run(ctx context.Context) (kept string, err error) {
	resumed, err := s.mark()
	if err != nil {
		return "", err
	}
	old, err := stateOf(s.kept)
	if err != nil {
		return "", err
	}
	if s.kept != "" && (s.logOnly || !old.exists()) {
		if err := s.settle(ctx); err != nil {
			if !resumed {
				err = errors.Join(err, os.Remove(s.path+restoringSuffix))
			}
			return "", err
		}
		if err := s.keep(); err != nil {
			return "", err
		}
	}
	return s.kept, s.place()
}

// mark makes the marker, or reads the one that is there.
func (s *swap) mark() (resumed bool, err error) {
	marker := s.path + restoringSuffix
	text, err := os.ReadFile(marker)
	if err == nil {
		name, log, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		switch {
		case name == "":
		case strings.HasPrefix(name, filepath.Base(s.path)+keptSuffix) && filepath.Base(name) == name:
			s.kept, s.logOnly = filepath.Join(filepath.Dir(s.path), name), log == logOnlyMark
		default:
			return false, fmt.Errorf("%s is no marker of a restore: look at it, and remove it", marker)
		}
		return true, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	files, err := filesOf(s.path)
	if err != nil {
		return false, err
	}
	if files.main.exists() || files.wal.exists() {
		s.kept, s.logOnly = s.path+keptSuffix+s.at.UTC().Format("20060102T150405.000Z"), !files.main.exists()
		if err := newName(s.kept); err != nil {
			return false, err
		}
	}
	return false, s.write(marker)
}

// write makes the marker as one step: it is whole, or not there.
func (s *swap) write(marker string) error {
	temporary, err := newFile(s.path, freshSuffix)
	if err != nil {
		return err
	}
	name := ""
	if s.kept != "" {
		name = filepath.Base(s.kept)
	}
	if s.logOnly {
		name += "\n" + logOnlyMark
	}
	err = os.WriteFile(temporary, []byte(name+"\n"), 0o600)
	if err == nil {
		err = syncFile(temporary)
	}
	if err == nil {
		err = s.rename(temporary, marker)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}

// settle moves the old log into the old main file, and fails with ErrInUse where somebody
// has that open. A file that SQLite would not open stays as it is.
func (s *swap) settle(ctx context.Context) error {
	files, err := filesOf(s.path)
	if err != nil {
		return err
	}
	if s.logOnly || !files.main.exists() || files.main.size == 0 || s.unsound(ctx) {
		return nil
	}
	c, err := openSQLiteConn(fileURI(s.path), sqlite.OpenReadWrite, "locking_mode=EXCLUSIVE")
	if err != nil {
		return nil //nolint:nilerr // it is kept as it is
	}
	defer c.close()
	c.conn.SetBusyTimeout(time.Second)
	err = c.run(stmtOnce(`SELECT COUNT(*) FROM sqlite_master`), nil)
	if err == nil {
		err = c.run(stmtOnce(`PRAGMA wal_checkpoint(TRUNCATE)`), nil)
	}
	if errors.Is(busy(err), errBusy) {
		return fmt.Errorf("%w: close it, and try again", ErrInUse)
	}
	return nil
}

// unsound reports whether the old files do not belong together. The marker is no reason.
func (s *swap) unsound(ctx context.Context) bool {
	files, err := filesOf(s.path)
	if err != nil {
		return true
	}
	have, err := readContents(ctx, s.path)
	return err != nil || refuseLog(ctx, s.path, files, have) != nil
}

// keep gives the old files the names under which they are kept. A -shm holds nothing that
// SQLite does not make anew.
func (s *swap) keep() error {
	suffixes := []string{"-wal", "-journal", ""}
	if s.logOnly {
		suffixes = suffixes[:2]
	}
	for _, suffix := range suffixes {
		err := os.Chmod(s.path+suffix, 0o600)
		if err == nil {
			err = s.rename(s.path+suffix, s.kept+suffix)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// place gives the new file its name. What lies beside that name belongs to nothing.
func (s *swap) place() error {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := s.remove(s.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := s.rename(s.fresh, s.path); err != nil {
		return err
	}
	return s.remove(s.path + restoringSuffix)
}

// rename and remove are on disk when they return.
func (s *swap) rename(from, to string) error {
	if err := s.step(); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(s.path)
}

func (s *swap) remove(path string) error {
	if err := s.step(); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncDir(s.path)
}
