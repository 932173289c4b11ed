package sqlstore

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
)

// fileURI names a file for SQLite with its usual locks.
func fileURI(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		path = whole // of a relative path, the first part would be the URI's host
	}
	return (&url.URL{Scheme: "file", Path: path}).String() + "?vfs=unix"
}

// copyLive copies a database that a server may be working on into an empty file.
func copyLive(ctx context.Context, from, to string, p Progress) error {
	c, err := openSQLiteConn(fileURI(from), sqlite.OpenReadWrite, sqliteReaderCache)
	if err != nil {
		return err
	}
	defer c.close()
	_, err = number(ctx, connSource{c}, stmtOnce(jetonTables))
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCantOpen, sqlite.ResultReadOnly: // a folder in which nothing can be made
		return copyStill(ctx, from, to, p)
	}
	if err != nil {
		return err
	}
	return copySQLite(ctx, c, to, p)
}

// copyStill copies a database into an empty file, and makes nothing beside it.
func copyStill(ctx context.Context, from, to string, p Progress) error {
	return withReadOnly(ctx, from, func(c *sqliteConn) error {
		if err := os.Truncate(to, 0); err != nil { // of a try before
			return err
		}
		return copySQLite(ctx, c, to, p)
	})
}

// copySQLite copies one state of a database into an empty file, and gives the copy an
// identity of its own.
//
// VACUUM INTO and the backup API were measured beside a server that made 1,100 tokens a
// second in a database of a million: neither blocks it. With VACUUM INTO 99 % of the
// changes took up to 5 to 8 ms (5 without a backup), with the API 16 to 27, as its pages
// reach the disk all at once. A copy by VACUUM also has no unused pages.
func copySQLite(ctx context.Context, c *sqliteConn, to string, p Progress) error {
	total, err := sizeOf(ctx, c)
	if err != nil {
		return err
	}
	finished := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchSize(to, total, p, finished)
	}()
	err = c.limited(ctx, forever, func() error { return c.run(stmtOnce(`VACUUM INTO $1`, fileURI(to)), nil) })
	close(finished)
	<-watched
	if err == nil {
		err = renewIdentity(to)
	}
	return full(err, to)
}

// sizeOf returns how many bytes of a database are in use.
func sizeOf(ctx context.Context, c *sqliteConn) (int64, error) {
	size := int64(1)
	for _, factor := range []string{`SELECT p.page_count - f.freelist_count FROM pragma_page_count() p, pragma_freelist_count() f`, `PRAGMA page_size`} {
		n, err := number(ctx, connSource{c}, stmtOnce(factor))
		if err != nil {
			return 0, err
		}
		size *= n
	}
	return size, nil
}

// watchSize tells of a file that grows until it is finished.
func watchSize(path string, total int64, p Progress, finished <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-finished:
			p.copied(total, total)
			return
		case <-tick.C:
			if f, err := stateOf(path); err == nil {
				p.copied(min(f.size, total), total)
			}
		}
	}
}

// renewIdentity gives a copy another identity than its original has.
func renewIdentity(path string) error {
	c, err := openSQLiteConn(fileURI(path), sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer c.close()
	return drawIdentity(c)
}
