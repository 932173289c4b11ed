package sqlstore_test

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton/sqlstore"
)

// contents is all that a database holds: the rows of each table, each row by the
// names of its columns. Values are texts that tell types, NULL and empty text apart.
type contents map[string][]map[string]string

// contentsOf reads all tables but that of the migrations.
func contentsOf(t testing.TB, url string) contents {
	t.Helper()
	text := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if sqlstore.IsPostgres(url) {
		text = `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	}
	db, out := rawOnce(t, url), contents{}
	for _, row := range query(t, db, text) {
		for _, name := range row {
			if name = strings.TrimPrefix(name, "text "); name != "goose_db_version" {
				out[name] = query(t, db, `SELECT * FROM `+name)
			}
		}
	}
	if err := db.Close(); err != nil { // a migration wants the database for itself
		t.Fatal(err)
	}
	return out
}

// schemaOf describes tables, columns, indexes and the version of the schema.
func schemaOf(t testing.TB, url string) string {
	t.Helper()
	texts := []string{`SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name`}
	if sqlstore.IsPostgres(url) {
		texts = []string{
			`SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
				WHERE table_schema = current_schema() ORDER BY table_name, column_name`,
			`SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY indexname`,
		}
	}
	db, b := rawOnce(t, url), strings.Builder{}
	for _, text := range append(texts, `SELECT version_id, is_applied FROM goose_db_version ORDER BY id`) {
		for _, row := range query(t, db, text) {
			fmt.Fprintln(&b, row) // maps are printed in the order of their keys
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func query(t testing.TB, db *sql.DB, text string) (out []map[string]string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, pointers := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		pointers[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, name := range columns {
			row[name] = valueText(values[i])
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "text " + v
	case []byte:
		return "bytes " + hex.EncodeToString(v)
	case bool: // SQLite has none: a driver goes by the column's declaration
		if v {
			return "1"
		}
		return "0"
	case int64, int32, int16, int:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%T %v", v, v)
}

// sameContents compares what was there before an upgrade with what is there after
// it. Columns and tables that the upgrade added must be as addedColumns and
// addedTables say.
func sameContents(t *testing.T, before, after contents) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(before)) {
		was, is := before[table], after[table]
		if len(was) == 0 {
			if len(is) != 0 {
				t.Errorf("%s: %d rows where there were none", table, len(is))
			}
			continue
		}
		is = withoutAdded(t, table, was[0], is)
		if was, is := sortedRows(was), sortedRows(is); !slices.Equal(was, is) {
			t.Errorf("%s: %d rows, then %d (-before +after):\n%s", table, len(was), len(is), cmp.Diff(was, is))
		}
	}
	for table, rows := range after {
		if _, was := before[table]; !was && !addedTables[table] {
			t.Errorf("an upgrade added the table %s, with %d rows: addedTables does not know it", table, len(rows))
		} else if !was && len(rows) != 0 {
			t.Errorf("the new table %s has %d rows", table, len(rows))
		}
	}
}

// withoutAdded checks and removes the columns that one row of before does not have.
func withoutAdded(t *testing.T, table string, before map[string]string, rows []map[string]string) (out []map[string]string) {
	t.Helper()
	for _, row := range rows {
		whole := row
		row = maps.Clone(row)
		for name, value := range whole {
			if _, was := before[name]; was {
				continue
			}
			added, known := addedColumns[table+"."+name]
			if !known {
				t.Fatalf("an upgrade added the column %s.%s: addedColumns does not know it", table, name)
			}
			if want := added(whole); value != want {
				t.Fatalf("an upgrade added the column %s.%s with %q, want %q", table, name, value, want)
			}
			delete(row, name)
		}
		out = append(out, row)
	}
	return out
}

func sortedRows(rows []map[string]string) (out []string) {
	for _, row := range rows {
		out = append(out, fmt.Sprintf("%q", row)) // maps are printed in the order of their keys
	}
	slices.Sort(out)
	return out
}
