package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // for goose
)

//go:embed migrations/sqlite/*.sql
var sqliteSteps embed.FS

// migrator opens the file by database/sql, with the same engine below it.
func (e *sqliteEngine) migrator() (*sql.DB, error) {
	uri := e.uri() + "&_txlock=immediate&_pragma=busy_timeout(10000)"
	for _, p := range append(sqlitePragmas(), sqliteWriterCache) {
		name, value, _ := strings.Cut(p, "=")
		uri += "&_pragma=" + name + "(" + value + ")"
	}
	db, err := sql.Open("sqlite", uri)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func (e *sqliteEngine) migrations() (fs.FS, goose.Dialect, []goose.ProviderOption, error) {
	steps, err := fs.Sub(sqliteSteps, "migrations/sqlite")
	return steps, goose.DialectSQLite3, nil, err
}

// migrating holds the server's lock: a schema does not change under a server.
func (e *sqliteEngine) migrating(ctx context.Context) (func(), error) {
	if e.lock != nil {
		return func() {}, nil
	}
	lock := flock.New(e.path+".lock", flock.SetPermissions(0o600))
	if err := e.takeLock(ctx, lock, adminWait, "stop it, then try again"); err != nil {
		return nil, fmt.Errorf("the database needs a migration, and %w", err)
	}
	return func() { _ = lock.Close() }, nil
}

func (e *sqliteEngine) versionTable() string { return sqliteVersionTable }

const sqliteVersionTable = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version')`

func (e *sqliteEngine) rebuild() tokenRebuild {
	return tokenRebuild{
		unmovable: `SELECT id FROM token WHERE typeof(seq) <> 'integer' OR seq <= 0 LIMIT 1`,
		create: `CREATE TABLE token_moved (
			seq               INTEGER PRIMARY KEY, -- the place in the order of creation, and where the row lies
			user_id           TEXT    NOT NULL,
			id                TEXT    NOT NULL,
			description       TEXT    NOT NULL,
			is_active         BOOLEAN NOT NULL,
			create_at         BIGINT  NOT NULL,
			expires_at        BIGINT  NOT NULL,
			last_used_at      BIGINT  NOT NULL,
			scopes            TEXT, -- a JSON list; NULL: not narrowed
			created_by        TEXT    NOT NULL,
			created_via       TEXT    NOT NULL,
			hint              TEXT    NOT NULL,
			last_used_address TEXT    NOT NULL DEFAULT ''
		)`,
		finish: []string{
			`DROP TABLE token`,
			`ALTER TABLE token_moved RENAME TO token`,
			`CREATE UNIQUE INDEX token_id ON token (id)`,
			`CREATE INDEX token_owner ON token (user_id)`, // seq is in every index of the table
			`CREATE INDEX token_created_via ON token (created_via) WHERE created_via <> ''`,
		},
	}
}

// check runs SQLite's own.
func (e *sqliteEngine) check(ctx context.Context, r *Report) error {
	return e.snapshot(ctx, func(src source) error { return integrity(ctx, src, r) })
}

func integrity(ctx context.Context, src source, r *Report) error {
	return src.query(ctx, stmt(`PRAGMA integrity_check(20)`), func(row row) error {
		if line := row.text(0); line != "ok" {
			r.Findings = append(r.Findings, "integrity: "+line)
		}
		return nil
	})
}
