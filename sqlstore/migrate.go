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

const latestVersion = `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`

// Migrate brings the schema to what this program knows, and returns the versions
// before and after. An empty database has version 0.
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
	if from, to, err = migrate(ctx, e, o.Log); err != nil {
		return from, to, err
	}
	return from, to, e.ready(ctx)
}

// migrate takes no lock where there is nothing to do, which is nearly always.
func migrate(ctx context.Context, e schema, log *slog.Logger) (from, to int64, err error) {
	p, err := newProvider(e)
	if err != nil {
		return 0, 0, err
	}
	known := knownVersion(p)
	if from, err = schemaVersion(ctx, e, known); err != nil || from == known {
		return from, from, err
	}
	unlock, err := e.migrating(ctx)
	if err != nil {
		return from, from, err
	}
	defer unlock()
	if _, err := p.Up(ctx); err != nil {
		return from, from, fmt.Errorf("migrate the schema from version %d: %w", from, err)
	}
	if to, err = schemaVersion(ctx, e, known); err != nil {
		return from, to, err
	}
	log.Info("database schema migrated", "from", from, "to", to)
	return from, to, nil
}

func newProvider(e schema) (*goose.Provider, error) {
	steps, dialect, options, err := e.migrations()
	if err != nil {
		return nil, err
	}
	// goose would log to standard output, and look for steps in a global.
	options = append(options, goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true))
	return goose.NewProvider(dialect, e.migrator(), steps, options...)
}

func knownVersion(p *goose.Provider) int64 {
	sources := p.ListSources()
	return sources[len(sources)-1].Version
}

// schemaVersion reads the version of the schema, and refuses one that is newer
// than known: this program would write rows that lack what that schema needs.
func schemaVersion(ctx context.Context, e schema, known int64) (int64, error) {
	version, err := readVersion(ctx, e, e.migrator())
	if err == nil && version > known {
		err = fmt.Errorf("%w: it has version %d, and versions up to %d are known here: "+
			"run the newer jeton that made it, or restore a backup from before its upgrade", ErrNewerSchema, version, known)
	}
	return version, err
}

// readVersion asks the database alone: goose would make its table first.
func readVersion(ctx context.Context, e schema, db *sql.DB) (version int64, err error) {
	var made bool
	if err := db.QueryRowContext(ctx, e.versionTable()).Scan(&made); err != nil || !made {
		return 0, storeErr(err)
	}
	return version, storeErr(db.QueryRowContext(ctx, latestVersion).Scan(&version))
}
