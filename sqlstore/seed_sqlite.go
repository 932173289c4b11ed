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
)

func (e *sqliteEngine) indexes() string {
	return `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL`
}

// bulk loads by INSERTs of many rows.
func (e *sqliteEngine) bulk(_ context.Context, l link) (bulkLoader, error) {
	s, ok := l.(*sqliteLink)
	if !ok {
		return nil, fmt.Errorf("not a link to SQLite: %T", l)
	}
	return &sqliteBulk{s.conn}, s.conn.run(stmtOnce(seedCache), nil)
}

type sqliteBulk struct{ conn *sqliteConn }

func (b *sqliteBulk) load(_ context.Context, table string, columns []string, next func() ([]any, error)) error {
	width := len(columns)
	insert := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES `
	many := insert + values(seedParams/width, width)
	args := make([]any, 0, seedParams/width*width)
	for {
		row, err := next()
		if err != nil {
			return err
		}
		args = append(args, row...)
		switch {
		case row == nil && len(args) > 0:
			return b.conn.run(stmtOnce(insert+values(len(args)/width, width), args...), nil)
		case row == nil:
			return nil
		case len(args) == cap(args):
			if err := b.conn.run(stmt(many, args...), nil); err != nil {
				return err
			}
			args = args[:0]
		}
	}
}

// loaded empties the log, which a load makes as large as the database.
func (b *sqliteBulk) loaded(context.Context) error {
	return b.conn.run(stmtOnce(`PRAGMA wal_checkpoint(TRUNCATE)`), nil)
}

func (b *sqliteBulk) close() {
	for _, text := range []string{`PRAGMA ` + sqliteWriterCache, `PRAGMA shrink_memory`} {
		_ = b.conn.run(stmtOnce(text), nil) // of use, not needed
	}
}
