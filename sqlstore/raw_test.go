package sqlstore_test

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"jeton/sqlstore"
)

// raw opens the database past the store, to look at it or to do it harm.
func raw(t testing.TB, url string) *sql.DB {
	t.Helper()
	db := rawOnce(t, url)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// rawOnce is raw for a caller that closes the database itself.
func rawOnce(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, name := "sqlite", "file:"+url+"?_pragma=busy_timeout(5000)"
	if sqlstore.IsPostgres(url) {
		driver, name = "pgx", url
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func exec(t testing.TB, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
