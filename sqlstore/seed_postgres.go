package sqlstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

func (e *postgresEngine) indexes() string {
	return `SELECT i.indexname, i.indexdef FROM pg_indexes i
		WHERE i.schemaname = current_schema() AND i.tablename = $1 AND NOT EXISTS (
			SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname AND c.conrelid = to_regclass($1))`
}

// bulk loads by COPY.
func (e *postgresEngine) bulk(_ context.Context, l link) (bulkLoader, error) {
	p, ok := l.(*pipeline)
	if !ok {
		return nil, fmt.Errorf("not a link to PostgreSQL: %T", l)
	}
	return &postgresBulk{p}, nil
}

type postgresBulk struct{ link *pipeline }

func (b *postgresBulk) load(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	if err := b.link.flush(ctx); err != nil {
		return err
	}
	_, err := b.link.conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(next))
	if err != nil && ctx.Err() != nil { // pgx may tell of the connection that it closed for it
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return storeErr(err)
}

// loaded tells the planner what is there now, in a transaction for the sake of its
// time-outs.
func (b *postgresBulk) loaded(ctx context.Context) error {
	for _, s := range []statement{stmt(`BEGIN`), stmt(bulkSettings), stmtOnce(`ANALYZE`), stmt(`COMMIT`)} {
		if _, err := b.link.exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (b *postgresBulk) close() {}
