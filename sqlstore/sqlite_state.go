package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"jeton"
)

// What a file that is no database of Jeton, or not all of one, is refused with.
var (
	// ErrNotJeton: a missing or an empty file, another program's database, no database.
	ErrNotJeton = errors.New("no database of jeton here")
	// ErrNoLog: a copy of the main file without its -wal, in which the data is.
	ErrNoLog = errors.New("the database's log is missing")
	// ErrOtherLog: a -wal beside a main file to which it does not belong.
	ErrOtherLog = errors.New("the log beside the database is not its own")
	// ErrRestoring: a restore was interrupted.
	ErrRestoring = errors.New("a restore of this database was interrupted")
	// ErrLinked: a main file with several names.
	ErrLinked = errors.New("the database's file has several names")
)

// jetonTables are in a database of Jeton of any version.
const jetonTables = `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('head', 'token', 'token_secret', 'journal')`

// contents is what a file holds, as far as it decides whether to open it.
type contents struct {
	tables  int64  // of any kind
	jeton   int64  // how many of jetonTables' tables are there
	version bool   // goose's table is there
	some    string // the name of a table
	id      int64  // see readIdentity
}

// refuse returns why a server or tool must not open a file; nil: it may, or it makes a
// new database. It changes nothing. An error that says nothing about the file is left to
// the opening itself.
func refuse(ctx context.Context, path string) error {
	for try := 1; ; try++ {
		err := refuseOnce(ctx, path)
		if !errors.Is(err, ErrNoLog) || try == 5 {
			return err
		}
		// Another program may be making the file at this moment.
		if sleepErr := sleep(ctx, 20*time.Millisecond); sleepErr != nil {
			return sleepErr
		}
	}
}

func refuseOnce(ctx context.Context, path string) error {
	files, err := filesOf(path)
	if err != nil {
		return storeErr(err)
	}
	if err := refuseFiles(path, files); err != nil || files.main.size == 0 {
		return err
	}
	have, err := readContents(ctx, path)
	if notDatabase(err) {
		return fmt.Errorf("%w: the file %s is no SQLite database: choose another by --db", ErrNotJeton, path)
	}
	if err != nil {
		return nil //nolint:nilerr // opening it will say more
	}
	if err := have.refuse(path, files); err != nil {
		return err
	}
	return refuseLog(ctx, path, files, have)
}

// refuseFiles looks at the files without opening one.
func refuseFiles(path string, files sqliteFiles) error {
	if marker, err := stateOf(path + restoringSuffix); err != nil || marker.exists() {
		return errors.Join(err, fmt.Errorf("%w: run \"jeton admin restore\" again; the database that was there is kept beside it", ErrRestoring))
	}
	switch {
	case files.main.exists() && !files.main.regular:
		return fmt.Errorf("%w: %s is no file", ErrNotJeton, path)
	case files.main.size == 0 && files.wal.size > 0:
		return fmt.Errorf("%w: %s is missing or empty, but its log %s-wal holds data: bring back the file that belongs to it, "+
			"restore a backup by \"jeton admin restore\", or, to begin with a new database, remove the log", ErrOtherLog, path, path)
	case files.main.links > 1:
		return fmt.Errorf("%w: %s is one of %d hard links to one file, and SQLite would keep a log for each: "+
			"remove the others (find them by \"find / -xdev -samefile\")", ErrLinked, path, files.main.links)
	}
	return nil
}

// somethingAt refuses what is no file, or an empty one: only a server makes a new database.
func somethingAt(path string) error {
	files, err := filesOf(path)
	if err != nil {
		return storeErr(err)
	}
	err = refuseFiles(path, files)
	switch {
	case err != nil && !errors.Is(err, ErrLinked):
		return err
	case !files.main.exists():
		return fmt.Errorf("%w: there is no file %s", ErrNotJeton, path)
	case files.main.size == 0:
		return fmt.Errorf("%w: the file %s is empty", ErrNotJeton, path)
	}
	return nil
}

// refuse decides by what a file holds that is not empty.
func (c contents) refuse(path string, files sqliteFiles) error {
	switch {
	case c.jeton > 0 && c.version, c.version && c.tables == 1: // the second: a first start that was interrupted
		return nil
	case c.tables == 0 && files.wal.exists(): // so was this one
		return nil
	case c.tables == 0:
		return fmt.Errorf("%w: %s holds no tables. It looks like a copy of a database whose data was in the log %s-wal, which did not come along. "+
			"Copy a database by \"jeton admin backup\", or bring the log too; if this is no copy, remove the file", ErrNoLog, path, filepath.Base(path))
	}
	return fmt.Errorf("%w: %s is another program's database (it has the table %q): choose another by --db", ErrNotJeton, path, c.some)
}

// refuseLog refuses a log that another file of this name has left. A log that holds no
// first page cannot be told.
func refuseLog(ctx context.Context, path string, files sqliteFiles, have contents) error {
	if files.wal.size == 0 {
		return nil
	}
	var id int64
	err := mainAlone(ctx, path, func(src source) (err error) {
		id, err = number(ctx, src, stmt(readIdentity))
		return err
	})
	if err != nil || id == 0 || id == have.id {
		return nil //nolint:nilerr // opening it will say more
	}
	return fmt.Errorf("%w: %s was put in place of another database, whose log %s-wal stayed behind. "+
		"Put the file in place by \"jeton admin restore\" instead, which also keeps what was there", ErrOtherLog, path, filepath.Base(path))
}

// readContents reads what decides. It fails where the file cannot be read at all.
func readContents(ctx context.Context, path string) (c contents, err error) {
	err = readOnly(ctx, path, func(src source) error {
		c = contents{}
		if c.tables, err = number(ctx, src, stmt(`SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'`)); err != nil {
			return err
		}
		if c.jeton, err = number(ctx, src, stmt(jetonTables)); err != nil {
			return err
		}
		if c.version, err = yes(ctx, src, stmt(sqliteVersionTable)); err != nil {
			return err
		}
		if c.id, err = number(ctx, src, stmt(readIdentity)); err != nil || c.tables == 0 {
			return err
		}
		return one(ctx, src, stmt(`SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'
			AND name <> 'goose_db_version' ORDER BY name LIMIT 1`), func(r row) { c.some = strings.ToValidUTF8(r.text(0), "?") })
	})
	if c.version && errors.Is(err, jeton.ErrNotFound) {
		err = nil
	}
	return c, err
}

// notDatabase reports whether an error of SQLite means that a file is none of its own.
func notDatabase(err error) bool {
	return sqlite.ErrCode(err).ToPrimary() == sqlite.ResultNotADB
}

// corrupt reports whether an error of SQLite means that a file is damaged.
func corrupt(err error) bool {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultCorrupt, sqlite.ResultNotADB:
		return true
	}
	return false
}
