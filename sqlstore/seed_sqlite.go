package sqlstore

import (
	"context"
	"fmt"
	"strings"
)

const (
	// seedParams is about how many values one INSERT carries: more make it no faster.
	seedParams = 1000
	// seedCache holds the pages of a load, in KiB: those that do not fit are
	// written more than once.
	seedCache = `PRAGMA cache_size = -262144`
	usedCache = `PRAGMA cache_size = -8000` // as sqliteWriterCache
)

func (e *sqliteEngine) indexes() string {
	return `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL`
}

// bulk loads by INSERTs of many rows.
func (e *sqliteEngine) bulk(ctx context.Context, l link) (bulkLoader, error) {
	s, ok := l.(*sqliteLink)
	if !ok {
		return nil, fmt.Errorf("not a link to SQLite: %T", l)
	}
	_, err := s.execOnce(ctx, seedCache)
	return &sqliteBulk{link: s}, err
}

type sqliteBulk struct{ link *sqliteLink }

func (b *sqliteBulk) load(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	perInsert := seedParams / len(columns)
	insert := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES `
	stmt, err := b.link.conn.PrepareContext(context.Background(), insert+b.link.values(perInsert, len(columns)))
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }()
	args := make([]any, 0, perInsert*len(columns))
	for {
		row, err := next()
		if err != nil {
			return err
		}
		args = append(args, row...)
		switch {
		case row == nil && len(args) > 0:
			_, err := b.link.execOnce(ctx, insert+b.link.values(len(args)/len(columns), len(columns)), args...)
			return err
		case row == nil:
			return nil
		case len(args) == cap(args):
			if _, err := stmt.ExecContext(context.Background(), args...); err != nil {
				return err
			}
			args = args[:0]
		}
	}
}

// settle empties the log, which a load makes as large as the database.
func (b *sqliteBulk) settle(ctx context.Context) error {
	_, err := b.link.execOnce(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

func (b *sqliteBulk) close() {
	for _, text := range []string{usedCache, `PRAGMA shrink_memory`} {
		_, _ = b.link.execOnce(context.Background(), text) // of use, not needed
	}
}
