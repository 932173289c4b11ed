package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// ErrNewerSchema says that the database was made by a newer program.
var ErrNewerSchema = errors.New("the database's schema is newer than this program")

// ErrOlderSchema says that the database has to be migrated before it can be read.
var ErrOlderSchema = errors.New("the database's schema is older than this program")

// knownVersion is the newest version of the schema: the last of the migrations.
const knownVersion = 4

const latestVersion = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`

// Migrate brings the schema to what this program knows, and returns the versions
// before and after. An empty database has version 0. When it fails, or ctx ends, the
// step that was under way is undone: Migrate can be called again.
func Migrate(ctx context.Context, o Options) (from, to int64, err error) {
	o = o.withDefaults()
	e, err := open(ctx, o)
	if err != nil {
		return 0, 0, err
	}
	defer func() {
		if closeErr := e.close(); err == nil {
			err = closeErr
		}
	}()
	if from, to, err = migrate(ctx, e, o); err != nil {
		return from, to, err
	}
	return from, to, e.ready(ctx)
}

// migrate takes no lock, and opens no database/sql, where there is nothing to do,
// which is nearly always.
func migrate(ctx context.Context, e engine, o Options) (from, to int64, err error) {
	if from, err = schemaVersion(ctx, e); err != nil || from == knownVersion {
		return from, from, err
	}
	unlock, err := e.migrating(ctx)
	if err != nil {
		return from, from, err
	}
	defer unlock()
	if from > 0 && from < tokensBySeq {
		err = movable(ctx, e)
	}
	if err == nil {
		err = migrateTo(ctx, e, o, knownVersion)
	}
	if err != nil {
		return from, from, fmt.Errorf("migrate the schema from version %d: %w", from, err)
	}
	if to, err = schemaVersion(ctx, e); err != nil {
		return from, to, err
	}
	o.Log.Info("database schema migrated", "from", from, "to", to)
	return from, to, nil
}

func migrateTo(ctx context.Context, e schema, o Options, version int64) (err error) {
	db, err := e.migrator()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := newProvider(e, db, o)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}

func newProvider(e schema, db *sql.DB, o Options) (*goose.Provider, error) {
	steps, dialect, options, err := e.migrations()
	if err != nil {
		return nil, err
	}
	move := tokenMove{tokenRebuild: e.rebuild(), options: o}
	options = append(options,
		// goose would log to standard output, and look for steps in a global.
		goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(goose.NewGoMigration(tokensBySeq, &goose.GoFunc{RunTx: move.run}, nil)))
	return goose.NewProvider(dialect, db, steps, options...)
}

// schemaVersion reads the version of the schema, and refuses one that is newer
// than known: this program would write rows that lack what that schema needs.
func schemaVersion(ctx context.Context, e engine) (int64, error) {
	version, err := readVersion(ctx, e.quick(), e.versionTable())
	if err == nil {
		err = tooNew(version)
	}
	return version, err
}

func tooNew(version int64) error {
	if version <= knownVersion {
		return nil
	}
	return fmt.Errorf("%w: it has version %d, and versions up to %d are known here: "+
		"run the newer jeton that made it, or restore a backup from before its upgrade", ErrNewerSchema, version, knownVersion)
}

// readVersion asks the database alone: goose would make its table first.
func readVersion(ctx context.Context, src source, versionTable string) (int64, error) {
	made, err := yes(ctx, src, stmt(versionTable))
	if err != nil || !made {
		return 0, err
	}
	return number(ctx, src, stmt(latestVersion))
}
