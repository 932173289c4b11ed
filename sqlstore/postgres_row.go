package sqlstore

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgresRow reads the columns of a result as the server sent them: in the binary
// form for prepared statements, as text where a connection pooler allows none.
type postgresRow struct {
	fields []pgconn.FieldDescription
	values [][]byte
	err    error // the first column that could not be read
}

var _ row = (*postgresRow)(nil)

func (r *postgresRow) text(column int) string { return string(r.values[column]) }
func (r *postgresRow) null(column int) bool   { return r.values[column] == nil }

func (r *postgresRow) appendText(b []byte, column int) []byte {
	return append(b, r.values[column]...)
}

func (r *postgresRow) int(column int) int64 {
	v := r.values[column]
	if r.fields[column].Format == pgx.TextFormatCode {
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			r.unreadable(column)
		}
		return n
	}
	switch len(v) {
	case 8:
		return int64(binary.BigEndian.Uint64(v))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(v)))
	case 2:
		return int64(int16(binary.BigEndian.Uint16(v)))
	}
	r.unreadable(column)
	return 0
}

func (r *postgresRow) bool(column int) bool {
	v := r.values[column]
	if len(v) != 1 {
		r.unreadable(column)
		return false
	}
	return v[0] == 1 || v[0] == 't'
}

func (r *postgresRow) unreadable(column int) {
	if r.err == nil {
		r.err = fmt.Errorf("column %s is not of the type that was expected", r.fields[column].Name)
	}
}

// scanRows hands the rows of a result to scan.
func scanRows(rows pgx.Rows, scan func(row) error) error {
	defer rows.Close()
	r := postgresRow{fields: rows.FieldDescriptions()}
	for rows.Next() {
		r.values = rows.RawValues()
		err := scan(&r)
		if r.err != nil {
			return storeErr(r.err)
		}
		if err == errEnough { //nolint:errorlint // our own mark, never wrapped
			rows.Close()
			break
		}
		if err != nil {
			return storeErr(err)
		}
	}
	return storeErr(rows.Err())
}
