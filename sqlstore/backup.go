package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
	"zombiezen.com/go/sqlite"
)

// What a backup or a restore is refused with.
var (
	// ErrExists: a file of this name is there, and is not overwritten.
	ErrExists = errors.New("is there already, and is not overwritten")
	// ErrFull: the file system has no room left.
	ErrFull = errors.New("no space left for the copy")
	// ErrDamaged: what was to be copied, or the copy, did not pass the check.
	ErrDamaged = errors.New("the database is damaged")
)

// Progress hears how far long work is. Its functions may be nil.
type Progress struct {
	Copied  func(done, total int64) // bytes, roughly
	Checked func(what string)       // what is being checked
}

func (p Progress) copied(done, total int64) {
	if p.Copied != nil {
		p.Copied(done, total)
	}
}

// Backup copies a SQLite database into a new file, beside a running server, and returns
// what the check of the copy found in it. The copy is one state of the database. It has
// mode 0600 from its first byte, and gets its name only when it is whole, checked and on
// disk; when Backup fails or ctx ends, no file is left. Errors besides those of Inspect:
// ErrExists, ErrFull, ErrDamaged.
func Backup(ctx context.Context, o Options, to string, p Progress) (r Report, err error) {
	from, err := resolve(o.URL)
	if err != nil {
		return r, err
	}
	if to, err = filepath.Abs(to); err != nil {
		return r, err
	}
	if err := copyable(ctx, from); err != nil {
		return r, err
	}
	if err := newName(to); err != nil {
		return r, err
	}
	temporary, err := newFile(to, ".part-")
	if err != nil {
		return r, err
	}
	defer removeFiles(temporary)
	if err := copyLive(ctx, from, temporary, p); err != nil {
		return r, err
	}
	if r, err = inspectCopy(ctx, temporary, p.Checked); err != nil {
		return r, err
	}
	if err := syncFile(temporary); err != nil {
		return r, full(err, to)
	}
	return r, publish(temporary, to)
}

// copyable refuses what is no database of Jeton, before anything is made. An older
// schema is copied as it is: that is the copy to make before an upgrade.
func copyable(ctx context.Context, path string) error {
	if err := somethingAt(path); err != nil {
		return err
	}
	return refuse(ctx, path)
}

// inspectCopy checks a copy. An older schema is no fault of it.
func inspectCopy(ctx context.Context, path string, progress func(string)) (Report, error) {
	r, err := Inspect(ctx, Options{URL: path}, progress)
	if errors.Is(err, ErrOlderSchema) {
		err = nil
	}
	if err == nil && !r.OK() {
		err = fmt.Errorf("%w: %s", ErrDamaged, r.Findings[0])
	}
	return r, err
}

// newName refuses a name under which something is already, or beside which the log of
// another file would be taken for the new one's.
func newName(path string) error {
	for _, suffix := range []string{"", "-wal", "-journal", "-shm"} {
		_, err := os.Lstat(path + suffix)
		if err == nil {
			return fmt.Errorf("%s %w", path+suffix, ErrExists)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// newFile makes an empty file beside another, with mode 0600 whatever the umask says.
func newFile(beside, suffix string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(beside), filepath.Base(beside)+suffix+"*")
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(f.Chmod(0o600), f.Close())
}

// removeFiles removes a copy that did not come about, with what SQLite makes beside it.
func removeFiles(path string) {
	if path == "" {
		return
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", ".lock"} {
		_ = os.Remove(path + suffix)
	}
}

// syncFile brings a file that nobody has open to the disk.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir brings the names of the files beside a file to the disk.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// publish gives a file its name, which must be free.
func publish(temporary, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, temporary, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // not on this file system
		if err = newName(to); err == nil {
			err = os.Rename(temporary, to)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s %w", to, ErrExists)
	}
	if err != nil {
		return err
	}
	return syncDir(to)
}

// full adds ErrFull to an error that means it.
func full(err error, path string) error {
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultFull || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("%w in %s: %w", ErrFull, filepath.Dir(path), err)
	}
	return err
}
