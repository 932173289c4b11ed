package sqlstore_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"jeton"
	"jeton/sqlstore"
)

// earlierSchema is a version of the schema that there was.
type earlierSchema struct {
	version int64
	seed    func(s *seeding) // adds rows, in the columns of the version
	// bad are values of a token's seq with which its upgrade is refused.
	bad func(url string) []string
	// long: its upgrade takes work for each row, of which it tells the progress.
	long bool
}

// earlierSchemas are all of them, from version 1 on. A new version adds an entry
// with what is new in it.
var earlierSchemas = []earlierSchema{
	{version: 1, seed: seedFirst, bad: badSeq, long: true},
	{version: 2, seed: func(s *seeding) { seedFirst(s); seedLastUse(s) }, bad: badSeq, long: true},
	{version: 3, seed: func(s *seeding) { seedFirst(s); seedLastUse(s) }, bad: func(string) []string { return nil }},
}

// badSeq: seq could be anything that its column takes, before it became the key.
func badSeq(url string) []string {
	if sqlstore.IsPostgres(url) {
		return []string{`0`, `-5`}
	}
	return []string{`0`, `-5`, `'abc'`, `1.5`, `X'01'`}
}

// addedColumns are the columns that an upgrade adds to tables, and what they then
// hold in a row, as valueText shows it. addedTables are the tables that it adds, empty.
var (
	addedColumns = map[string]func(row map[string]string) string{
		"token.last_used_address": always("text "),
		"users.email_verified":    always("0"),
		"users.timezone":          always("text "),
		"users.last_login":        always("0"),
		"users.failed_attempts":   always("0"),
		"journal.owner": func(row map[string]string) string {
			if strings.Contains(row["detail"], `"owner":"u-ann"`) {
				return "text u-ann"
			}
			return "text "
		},
		"journal.refused": func(row map[string]string) string {
			if strings.Contains(row["detail"], `"refused":true`) {
				return "1"
			}
			return "0"
		},
	}
	addedTables = map[string]bool{"token_use": true}
)

func always(value string) func(map[string]string) string {
	return func(map[string]string) string { return value }
}

// seeding writes rows into a database of an earlier version by plain SQL.
type seeding struct {
	t   testing.TB
	db  *sql.DB
	url string
}

// earlierDatabase makes a database of an earlier version, as the migrations up to
// there make it: they are never edited.
func earlierDatabase(t testing.TB, url string, version int64, seed func(s *seeding)) {
	t.Helper()
	dialect, dir := goose.DialectSQLite3, "migrations/sqlite"
	if sqlstore.IsPostgres(url) {
		dialect, dir = goose.DialectPostgres, "migrations/postgres"
	} else if err := os.MkdirAll(filepath.Dir(url), 0o700); err != nil {
		t.Fatal(err)
	}
	s := &seeding{t: t, db: rawOnce(t, url), url: url}
	if !sqlstore.IsPostgres(url) {
		s.exec(`PRAGMA page_size = 2048`)
		s.exec(`PRAGMA journal_mode = WAL`)
	}
	p, err := goose.NewProvider(dialect, s.db, os.DirFS(dir), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if version >= 3 { // a step that is a program
		if err := s.db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := sqlstore.MigrateTo(t.Context(), url, version); err != nil {
			t.Fatal(err)
		}
		s.db = rawOnce(t, url)
	}
	if seed != nil {
		seed(s)
	}
	if err := s.db.Close(); err != nil { // a migration wants the database for itself
		t.Fatal(err)
	}
}

func (s *seeding) exec(text string, args ...any) {
	s.t.Helper()
	exec(s.t, s.db, text, args...)
}

// insert adds a row. columns are names with blanks between.
func (s *seeding) insert(table, columns string, values ...any) {
	s.t.Helper()
	names := strings.Fields(columns)
	places := make([]string, len(names))
	for i := range places {
		places[i] = fmt.Sprint("$", i+1)
	}
	s.exec(`INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(places, ", ")+`)`, values...)
}

const odd = "Ünïcode ' \" % _ \\ \n\t 漢字 🙂"

// upgradeSecrets are the secrets in use of the tokens that seedFirst writes by hand.
var upgradeSecrets = map[string]jeton.Digest{"t-null": {1, 1}, "t-none": {1, 2}, "t-some": {1, 3}, "t-bot": {1, 4}}

// seedFirst fills the tables of version 1.
func seedFirst(s *seeding) {
	s.exec(`DELETE FROM head`) // version 3 makes the row
	s.insert("head", "id epoch position token_seq roles_version", 1, "epoch00000000000000000000a", 3, 99_999, 7)
	users := `id username email first_name last_name nickname position locale roles password_hash create_at update_at
		delete_at last_password_update is_bot bot_owner_id bot_description search`
	s.insert("users", users, "u-ann", "ann", "ann@example.com", odd, "", "漢🙂", "Boss", "en", "system_user own", "$hash$",
		int64(1), int64(2), int64(0), int64(3), false, "", "", "\nann\nann@example.com")
	s.insert("users", users, "u-gone", "gone", "", "", "", "", "", "", "", "", int64(4), int64(5), int64(6), int64(0), false, "", "", "\ngone")
	s.insert("users", users, "u-bot", "robot", "", "", "", "", "", "", "system_user", "", int64(7), int64(8), int64(0), int64(0),
		true, "u-ann", odd, "\nrobot")
	for _, r := range [][2]string{{"system_user", "u-ann"}, {"own", "u-ann"}, {"system_user", "u-bot"}} {
		s.insert("user_role", "role user_id", r[0], r[1])
	}
	role := "id name display_name description create_at update_at permissions scheme_managed built_in"
	s.insert("role", role, "r-user", "system_user", odd, "", int64(1), int64(2), `["edited:here"]`, true, true)
	s.insert("role", role, "r-own", "own", "", odd, int64(1), int64(2), `[]`, false, false)
	seedTokens(s)
	session := "id user_id digest create_at expires_at last_activity_at device_id address user_agent"
	s.insert("session", session, "s-1", "u-ann", []byte{1, 0, 255}, int64(1), int64(1)<<60, int64(3), "", "192.0.2.1", odd)
	s.insert("session", session, "s-2", "u-ann", []byte{2}, int64(1), int64(2), int64(3), odd, "", "")
	s.insert("known_address", "user_id address last_at", "u-ann", "192.0.2.1", int64(9))
	s.insert("known_address", "user_id address last_at", "u-ann", "2001:db8::/64", int64(0))
	event := "position at actor via action target detail"
	s.insert("journal", event, 1, int64(1), "local", "", "user.create", "u-ann", `{"owner":"u-ann"}`)
	s.insert("journal", event, 2, int64(2), "u-ann", "token:t-null", "token.create", "t-some", `{"owner":"u-ann","note":"漢 \" 🙂"}`)
	s.insert("journal", event, 3, int64(2), "", "", "session.create", "", `{"refused":true,"count":7}`)
}

// seedTokens adds tokens of every kind by hand, and many whose order of creation
// goes round their owners and has gaps.
func seedTokens(s *seeding) {
	token := `user_id seq id description is_active create_at expires_at last_used_at scopes created_by created_via hint`
	s.insert("token", token, "u-ann", 5, "t-null", odd, true, int64(1), int64(0), int64(0), nil, "u-ann", "", "h1nT")
	s.insert("token", token, "u-ann", 2, "t-none", "", true, int64(2), int64(1)<<62, int64(77), `[]`, "", "", "")
	s.insert("token", token, "u-ann", 64, "t-some", "x", false, int64(3), int64(4), int64(5), `["a:b","c:ü"]`, "u-ann", "t-null", "aB3z")
	s.insert("token", token, "u-bot", 1, "t-bot", "x", true, int64(0), int64(0), int64(0), nil, "u-ann", "t-null", "zzzz")
	secret := "digest token_id valid_until retired_at"
	for id, d := range upgradeSecrets {
		s.insert("token_secret", secret, d[:], id, int64(0), int64(0))
	}
	s.insert("token_secret", secret, []byte{1, 99}, "t-removed", int64(0), int64(1_700_000_000_000))
	s.insert("token_secret", secret, []byte{1, 98}, "t-null", int64(50), int64(60))
	s.generate(1500)
	s.count()
}

// generate adds n tokens with their secrets, from seq 1,000 on.
func (s *seeding) generate(n int) {
	bytes := `CAST('digest' || CAST(i AS TEXT) AS BLOB)`
	if sqlstore.IsPostgres(s.url) {
		bytes = `convert_to('digest' || CAST(i AS TEXT), 'UTF8')`
	}
	numbers := fmt.Sprintf(`WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d) `, n)
	s.exec(numbers + `INSERT INTO token (user_id, seq, id, description, is_active, create_at, expires_at, last_used_at,
			scopes, created_by, created_via, hint)
		SELECT CASE i % 3 WHEN 0 THEN 'u-bot' WHEN 1 THEN 'u-ann' ELSE 'u-gone' END, 1000 + 3 * i, 'gen' || CAST(1000000 - i AS TEXT),
			'generated', i % 5 <> 0, i, 0, 0, CASE WHEN i % 4 = 0 THEN '["deploy:write"]' END, 'u-ann', '', '' FROM c`)
	s.exec(numbers + `INSERT INTO token_secret (digest, token_id, valid_until, retired_at)
		SELECT ` + bytes + `, 'gen' || CAST(1000000 - i AS TEXT), 0, 0 FROM c`)
	s.exec(fmt.Sprintf(`UPDATE head SET token_seq = %d`, 1000+3*n+7)) // the newest ones were removed
}

// count fills the counts of tokens, of which there are three sizes.
func (s *seeding) count() {
	s.exec(`DELETE FROM token_count`)
	for level, size := range []int{64, 4096, 262144} {
		s.exec(fmt.Sprintf(`INSERT INTO token_count (level, bucket, n) SELECT %d, seq / %d, COUNT(*) FROM token GROUP BY seq / %d`,
			level, size, size))
	}
}

// seedLastUse fills what version 2 added.
func seedLastUse(s *seeding) {
	s.exec(`UPDATE token SET last_used_at = 99, last_used_address = '192.0.2.7' WHERE id = 't-null'`)
	s.exec(`UPDATE token SET last_used_address = $1 WHERE id = 't-some'`, odd)
	for day := range 3 {
		s.insert("token_use", "token_id day uses", "t-null", int64(19_000+day), int64(1)<<(20*day))
	}
	s.insert("token_use", "token_id day uses", "t-bot", int64(0), int64(0))
}
