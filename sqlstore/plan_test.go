package sqlstore_test

import (
	"regexp"
	"strings"
	"testing"

	"jeton/sqlstore"
)

// How SQLite and PostgreSQL tell that they walk through a table, by its name or
// by its alias, and that they sort.
var (
	walks = regexp.MustCompile(`SCAN (token|token_secret|token_use|users|user_role|journal|session|known_address|t|u|s|r|o)\b|` +
		`Seq Scan on (token|token_secret|token_use|users|user_role|journal|session|known_address)\b`)
	sorts = regexp.MustCompile(`TEMP B-TREE|Sort `)
)

// TestPlans: no hot statement walks through a table.
func TestPlans(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		if err := s.Seed(t.Context(), seedOf(2000, 20000), nil); err != nil {
			t.Fatal(err)
		}
		exec(t, raw(t, url), `INSERT INTO token_use (token_id, day, uses) SELECT t.id, d.seq, 1 FROM token t, token d WHERE d.seq <= 5`)
		exec(t, raw(t, url), `UPDATE token_secret SET retired_at = 5 WHERE token_id < 'token000000000000000001'`)
		exec(t, raw(t, url), `INSERT INTO journal (position, at, actor, via, action, target, detail)
			SELECT seq + 1, 1, user_id, '', 'test', id, '{}' FROM token`)
		exec(t, raw(t, url), `UPDATE journal SET owner = actor, refused = position < 200`)
		exec(t, raw(t, url), `INSERT INTO session (id, user_id, digest, create_at, expires_at, last_activity_at, device_id, address, user_agent)
			SELECT id, user_id, CAST(id AS `+map[bool]string{true: "BYTEA", false: "BLOB"}[sqlstore.IsPostgres(url)]+`), 1, seq, 1, '', '', '' FROM token`)
		exec(t, raw(t, url), `INSERT INTO known_address (user_id, address, last_at) SELECT user_id, id, seq FROM token`)
		exec(t, raw(t, url), `ANALYZE`)
		plan := explain(t, url, `SELECT id FROM token WHERE description = 'x' ORDER BY hint`, nil)
		if !walks.MatchString(plan) || !sorts.MatchString(plan) {
			t.Errorf("the words looked for are not those of the engine:\n%s", plan)
		}
		for name, h := range sqlstore.HotStatements() {
			plan := explain(t, url, h.Text, h.Args)
			// This index holds refusals alone, in their order: its walk ends at the LIMIT.
			plan = strings.ReplaceAll(plan, "SCAN journal USING INDEX journal_refused", "")
			if !h.Walks && walks.MatchString(plan) || !h.Sorts && sorts.MatchString(plan) {
				t.Errorf("%s:\n%s", name, plan)
			}
		}
	})
}

func explain(t *testing.T, url, text string, args []any) string {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if sqlstore.IsPostgres(url) {
		prefix = "EXPLAIN "
	}
	rows, err := raw(t, url).QueryContext(t.Context(), prefix+text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer func() { _ = rows.Close() }()
	var b strings.Builder
	for rows.Next() {
		var line string
		var id, parent, unused int
		if sqlstore.IsPostgres(url) {
			err = rows.Scan(&line)
		} else {
			err = rows.Scan(&id, &parent, &unused, &line)
		}
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
