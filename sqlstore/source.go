package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"jeton"
)

// row is what can be scanned: one row of a result.
type row interface{ Scan(dest ...any) error }

// source is where reads go: the pool of readers, or a change under way. Texts
// are constants and are kept prepared, but for those given to eachOnce, which
// are put together for one call.
type source interface {
	// one scans the only row of a result; jeton.ErrNotFound if there is none.
	one(ctx context.Context, text string, args []any, dest ...any) error
	each(ctx context.Context, text string, args []any, scan func(row) error) error
	eachOnce(ctx context.Context, text string, args []any, scan func(row) error) error
}

// errEnough, returned by a scan, ends the reading of a result without an error.
var errEnough = errors.New("enough rows")

// pool is the source of reads outside changes.
type pool struct {
	engine engine
	db     *sql.DB
	stmts  sync.Map // text -> *sql.Stmt
}

func newPool(e engine, db *sql.DB) *pool { return &pool{engine: e, db: db} }

func (p *pool) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = p.engine.reading(ctx)
	if !p.engine.prepares() {
		return p.db.QueryContext(ctx, text, args...)
	}
	stmt, err := p.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (p *pool) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := p.stmts.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	stmt, err := p.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if s, lost := p.stmts.LoadOrStore(text, stmt); lost {
		_ = stmt.Close()
		return s.(*sql.Stmt), nil
	}
	return stmt, nil
}

func (p *pool) one(ctx context.Context, text string, args []any, dest ...any) error {
	found := false
	err := p.each(ctx, text, args, scanInto(dest, &found))
	return orNotFound(found, err)
}

func (p *pool) each(ctx context.Context, text string, args []any, scan func(row) error) error {
	return p.again(ctx, scan, func(scan func(row) error) error {
		rows, err := p.query(ctx, text, args)
		return scanAll(rows, err, scan)
	})
}

func (p *pool) eachOnce(ctx context.Context, text string, args []any, scan func(row) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.again(ctx, scan, func(scan func(row) error) error {
		rows, err := p.db.QueryContext(p.engine.reading(ctx), text, args...)
		return scanAll(rows, err, scan)
	})
}

// maxBroken is how many connections a read may find broken before it gives up:
// when a server was replaced, all idle ones are.
const maxBroken = 8

// again reads anew where a connection broke before the first row came.
func (p *pool) again(ctx context.Context, scan func(row) error, read func(scan func(row) error) error) (err error) {
	scanned := false
	for range maxBroken {
		err = read(func(r row) error {
			scanned = true
			return scan(r)
		})
		if err == nil || scanned || ctx.Err() != nil || !p.engine.lost(err) {
			return err
		}
	}
	return err
}

// look runs reads that must all see one state of the database.
func (p *pool) look(ctx context.Context, read func(source) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = p.engine.reading(ctx)
	tx, err := p.beginLook(ctx)
	if err != nil {
		return storeErr(err)
	}
	l := &lookSource{pool: p, tx: tx}
	err = read(l)
	_ = tx.Rollback() // it only read
	for _, text := range l.unprepared {
		_, _ = p.prepared(ctx, text) // for the next look; if it fails, that one says so
	}
	return err
}

func (p *pool) beginLook(ctx context.Context) (tx *sql.Tx, err error) {
	for range maxBroken {
		tx, err = p.db.BeginTx(ctx, p.engine.look())
		if err == nil || ctx.Err() != nil || !p.engine.lost(err) {
			return tx, err
		}
	}
	return tx, err
}

// lookSource is the source of reads inside pool.look.
type lookSource struct {
	pool       *pool
	tx         *sql.Tx
	unprepared []string
}

func (l *lookSource) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	ctx = l.pool.engine.reading(ctx)
	if !l.pool.engine.prepares() {
		return l.tx.QueryContext(ctx, text, args...)
	}
	// Preparing takes a connection of the pool. Nobody who holds one may wait for
	// another: a few looks at once would hold them all and wait for ever.
	stmt, ok := l.pool.stmts.Load(text)
	if !ok {
		l.unprepared = append(l.unprepared, text)
		return l.tx.QueryContext(ctx, text, args...)
	}
	return l.tx.StmtContext(ctx, stmt.(*sql.Stmt)).QueryContext(ctx, args...)
}

func (l *lookSource) one(ctx context.Context, text string, args []any, dest ...any) error {
	found := false
	err := l.each(ctx, text, args, scanInto(dest, &found))
	return orNotFound(found, err)
}

func (l *lookSource) each(ctx context.Context, text string, args []any, scan func(row) error) error {
	rows, err := l.query(ctx, text, args)
	return scanAll(rows, err, scan)
}

func (l *lookSource) eachOnce(ctx context.Context, text string, args []any, scan func(row) error) error {
	rows, err := l.tx.QueryContext(l.pool.engine.reading(ctx), text, args...)
	return scanAll(rows, err, scan)
}

// scanInto scans the first row, and notes that there was one.
func scanInto(dest []any, found *bool) func(row) error {
	return func(r row) error {
		*found = true
		if err := r.Scan(dest...); err != nil {
			return err
		}
		return errEnough
	}
}

func orNotFound(found bool, err error) error {
	if err == nil && !found {
		return jeton.ErrNotFound
	}
	return err
}

// result is what the two drivers' results have in common.
type result interface {
	row
	Next() bool
	Err() error
}

// scanAll reads a result to its end, or until scan has enough of it.
func scanAll[R result](rows R, err error, scan func(row) error) error {
	if err != nil {
		return storeErr(err)
	}
	defer closeResult(rows)
	for rows.Next() {
		if err := scan(rows); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return storeErr(err)
		}
	}
	return storeErr(rows.Err())
}

// closeResult ends a result whose error, if any, was seen.
func closeResult(rows any) {
	switch r := rows.(type) {
	case interface{ Close() error }:
		_ = r.Close()
	case interface{ Close() }:
		r.Close()
	}
}

var errDatabase = errors.New("database")

// storeErr says where an error of a driver comes from; nil stays nil, and an
// error made here stays as it is.
func storeErr(err error) error {
	if err == nil || errors.Is(err, jeton.ErrNotFound) || errors.Is(err, errDatabase) {
		return err
	}
	return fmt.Errorf("%w: %w", errDatabase, err)
}

// list reads all rows of a prepared text; the slice is never nil.
func list[T any](ctx context.Context, src source, text string, args []any, scan func(row) (T, error)) ([]T, error) {
	out := []T{}
	err := src.each(ctx, text, args, appendTo(&out, scan))
	return out, err
}

func appendTo[T any](out *[]T, scan func(row) (T, error)) func(row) error {
	return func(r row) error {
		v, err := scan(r)
		if err == nil {
			*out = append(*out, v)
		}
		return err
	}
}

// marks returns n placeholders from $first on: "$3,$4,$5".
func marks(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	return b.String()
}
