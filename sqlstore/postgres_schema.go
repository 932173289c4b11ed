package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/postgres/*.sql
var postgresSteps embed.FS

// migrator opens the database by database/sql.
func (e *postgresEngine) migrator() (*sql.DB, error) {
	config := e.writable()
	e.adapt(config)
	return stdlib.OpenDB(*config), nil
}

func (e *postgresEngine) migrations() (fs.FS, goose.Dialect, []goose.ProviderOption, error) {
	steps, err := fs.Sub(postgresSteps, "migrations/postgres")
	return steps, goose.DialectPostgres, nil, err
}

func (e *postgresEngine) versionTable() string { return postgresVersionTable }

const postgresVersionTable = `SELECT to_regclass('goose_db_version') IS NOT NULL`

func (e *postgresEngine) rebuild() tokenRebuild {
	return tokenRebuild{
		lock:      []string{`SELECT 1 FROM head WHERE id = 1 FOR UPDATE`, `LOCK TABLE token IN SHARE ROW EXCLUSIVE MODE`},
		unmovable: `SELECT id FROM token WHERE seq <= 0 LIMIT 1`,
		create:    `CREATE TABLE token_moved (LIKE token INCLUDING DEFAULTS) WITH (fillfactor = 90)`,
		finish: []string{
			`DROP TABLE token`,
			`ALTER TABLE token_moved RENAME TO token`,
			`ALTER TABLE token ADD PRIMARY KEY (seq)`,
			`CREATE UNIQUE INDEX token_id ON token (id)`,
			`CREATE INDEX token_owner ON token (user_id, seq)`,
			`CREATE INDEX token_created_via ON token (created_via) WHERE created_via <> ''`,
			`ANALYZE token`,
		},
	}
}

// check looks at the settings that durability depends on.
func (e *postgresEngine) check(ctx context.Context, r *Report) error {
	for _, s := range [][2]string{{"fsync", "on"}, {"full_page_writes", "on"}, {"server_encoding", "UTF8"}} {
		var is string
		if err := one(ctx, e.listing, stmt(`SELECT current_setting($1)`, s[0]), func(row row) { is = row.text(0) }); err != nil {
			return err
		}
		if is != s[1] {
			r.Warnings = append(r.Warnings, fmt.Sprintf("the cluster's setting %s is %s, not %s", s[0], is, s[1]))
		}
	}
	open, err := yes(ctx, e.listing, stmt(openSchema))
	if open {
		r.Warnings = append(r.Warnings, openSchemaWarning)
	}
	return err
}
