package sqlstore

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// fileLock is a lock that the system gives back when its holder dies. It lies in
// a file of its own: opening and closing the database's file would drop the
// locks that SQLite holds on it.
type fileLock struct {
	path string
	file *os.File
}

func openFileLock(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	return &fileLock{path: path, file: f}, nil
}

// take takes the lock, trying again for as long as wait says.
func (l *fileLock) take(ctx context.Context, wait time.Duration) error {
	for until := time.Now().Add(wait); ; {
		err := syscall.Flock(int(l.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil || !time.Now().Before(until) {
			return err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// close gives the lock up. The file stays: removing it would let two programs
// hold locks on two files of one name.
func (l *fileLock) close() { _ = l.file.Close() }
