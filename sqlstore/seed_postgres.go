package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

func (e *postgresEngine) indexes() string {
	return `SELECT i.indexname, i.indexdef FROM pg_indexes i
		WHERE i.schemaname = current_schema() AND i.tablename = $1 AND NOT EXISTS (
			SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname AND c.conrelid = to_regclass($1))`
}

// bulk loads by COPY.
func (e *postgresEngine) bulk(_ context.Context, conn *sql.Conn) bulkLoader {
	return &postgresBulk{conn: conn}
}

type postgresBulk struct{ conn *sql.Conn }

func (b *postgresBulk) load(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	return b.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("not a connection of pgx: %T", driver)
		}
		_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
			row, err := next()
			for i := range row {
				row[i] = textScopes(row[i])
			}
			return row, err
		}))
		return err
	})
}

// settle tells the planner what is there now.
func (b *postgresBulk) settle(ctx context.Context) error {
	_, err := b.conn.ExecContext(ctx, `ANALYZE`)
	return err
}

func (b *postgresBulk) close() {}
