package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"jeton/sqlstore"
)

const defaultDatabase = "data/jeton.db"

func databaseFlag(flags *pflag.FlagSet, to *string) {
	flags.StringVar(to, dbFlag, defaultDatabase, "the `database`: a SQLite file, or postgres://user@host/name")
}

// dataDir returns the directory of the files that are kept beside the database.
func dataDir(db string) string {
	if sqlstore.IsPostgres(db) {
		return filepath.Dir(defaultDatabase)
	}
	return filepath.Dir(db)
}

// openStore opens the database for a command that may run beside a server. Missing
// tables are made and old ones migrated. The directory of a SQLite file is made if it
// is missing, readable by this user alone.
func openStore(ctx context.Context, db string, log *slog.Logger) (*sqlstore.Store, error) {
	if err := prepareDatabase(db); err != nil {
		return nil, err
	}
	store, err := sqlstore.Open(ctx, sqlstore.Options{URL: db, Log: log, Admin: true})
	return store, explainOpen(db, err)
}

func prepareDatabase(db string) error {
	if err := checkDatabase(db); err != nil || sqlstore.IsPostgres(db) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(db), 0o700); err != nil {
		return hint(fmt.Errorf("cannot make the database's directory: %w", err), "make it writable, or choose another by --%s", dbFlag)
	}
	return nil
}

// existing fails if a SQLite file does not exist. It is for commands that must not
// make one.
func existing(db string) error {
	if err := checkDatabase(db); err != nil || sqlstore.IsPostgres(db) {
		return err
	}
	if _, err := os.Stat(db); err != nil {
		return hint(fmt.Errorf("no database: %w", err), `give its path by --%s or %s; "jeton serve" makes one`, dbFlag, variable(dbFlag))
	}
	return nil
}

// databaseName returns how a message names a database. The URL of PostgreSQL may hold a
// password.
func databaseName(db string) string {
	if sqlstore.IsPostgres(db) {
		return "PostgreSQL database"
	}
	return "database " + db
}

// explainOpen adds to the error of opening a database what to do about it.
func explainOpen(db string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("cannot open the %s: %w", databaseName(db), err)
	switch {
	case errors.Is(err, context.Canceled):
		return hint(wrapped, "it was interrupted, and the step under way was undone: run the command again")
	case saysItself(err):
		return wrapped
	}
	if why, ok := sqlstore.Explain(err); ok {
		return hint(fmt.Errorf("cannot open the %s: %s: %w", databaseName(db), why.What, err), "%s", why.Cure)
	}
	switch {
	case sqlstore.IsPostgres(db) && sqlstore.NotUp(err):
		return hint(wrapped, "check that the PostgreSQL server runs and that %s is right; --%s waits for a server that comes up", variable(dbFlag), dbWaitFlag)
	case sqlstore.IsPostgres(db):
		return hint(wrapped, "check that the PostgreSQL server runs and that %s is right", variable(dbFlag))
	}
	return hint(wrapped, "check that the file can be read and written, and that it is a database of jeton")
}

// explainState returns err where it says itself what to do, and otherwise the other.
func explainState(err, otherwise error) error {
	if saysItself(err) {
		return err
	}
	return otherwise
}

// saysItself reports whether an error of the database says what to do.
func saysItself(err error) bool {
	for _, says := range []error{
		sqlstore.ErrNewerSchema, sqlstore.ErrLocked, sqlstore.ErrUnmovable, sqlstore.ErrNotJeton, sqlstore.ErrNoLog,
		sqlstore.ErrOtherLog, sqlstore.ErrRestoring, sqlstore.ErrLinked,
	} {
		if errors.Is(err, says) {
			return true
		}
	}
	return false
}
