package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"jeton"
)

// statement is a text of SQL with its arguments: string, int64, int, bool, []byte,
// or nil for NULL. Its parameters are $1, $2 and so on, on both databases.
type statement struct {
	text string
	args []any
	// once: the text was put together for this call. All others are constants, and
	// each connection keeps them prepared.
	once bool
}

func stmt(text string, args ...any) statement { return statement{text: text, args: args} }

func stmtOnce(text string, args ...any) statement {
	return statement{text: text, args: args, once: true}
}

// source is where reads go: a pool of connections, or a change under way.
type source interface {
	// query runs a statement and hands every row to scan. errEnough, returned by
	// scan, ends the reading without an error.
	query(ctx context.Context, s statement, scan func(row) error) error
}

// errEnough ends the reading of a result.
var errEnough = errors.New("enough rows")

// one scans the first row of a result: jeton.ErrNotFound if there is none.
func one(ctx context.Context, src source, s statement, scan func(row)) error {
	found := false
	err := src.query(ctx, s, func(r row) error {
		found = true
		scan(r)
		return errEnough
	})
	if err == nil && !found {
		return jeton.ErrNotFound
	}
	return err
}

// number reads the one number that a statement returns.
func number(ctx context.Context, src source, s statement) (n int64, err error) {
	return n, one(ctx, src, s, func(r row) { n = r.int(0) })
}

// yes reads the one boolean that a statement returns.
func yes(ctx context.Context, src source, s statement) (b bool, err error) {
	return b, one(ctx, src, s, func(r row) { b = r.bool(0) })
}

// list reads all rows; the slice is never nil.
func list[T any](ctx context.Context, src source, s statement, scan func(row) (T, error)) ([]T, error) {
	out := []T{}
	err := src.query(ctx, s, func(r row) error {
		v, err := scan(r)
		if err == nil {
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// find reads the one row that a text finds by a key: jeton.ErrNotFound if there is
// none.
func find[T any](ctx context.Context, src source, text, key string, scan func(row) (T, error)) (found T, err error) {
	if !storable(key) {
		return found, jeton.ErrNotFound
	}
	var unreadable error
	err = one(ctx, src, stmt(text, key), func(r row) { found, unreadable = scan(r) })
	if err == nil {
		err = unreadable
	}
	return found, err
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

// marks returns n parameters from $first on: "$3,$4,$5".
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

// values returns the parameters of an INSERT of several rows: "($1,$2),($3,$4)".
func values(rows, width int) string {
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("(" + marks(1+i*width, width) + ")")
	}
	return b.String()
}
