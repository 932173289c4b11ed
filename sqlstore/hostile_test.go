package sqlstore_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
	"jeton/storetest"
)

// TestHostileSchema: where every role can make functions and operators in the schema of
// the tables, as before PostgreSQL 15, no statement runs one that another role made to be
// taken for PostgreSQL's own (CVE-2018-1058). The server and the check say so.
func TestHostileSchema(t *testing.T) {
	at := pgtest.URL(t)
	admin := raw(t, at)
	exec(t, admin, `CREATE ROLE hostile LOGIN`)
	exec(t, admin, `GRANT CREATE ON SCHEMA public TO PUBLIC`)
	t.Cleanup(func() {
		db := rawOnce(t, at)
		_, _ = db.ExecContext(context.Background(), `DROP OWNED BY hostile CASCADE`)
		_, _ = db.ExecContext(context.Background(), `DROP ROLE hostile`)
		_ = db.Close()
	})
	u := mustParse(t, at)
	u.User = url.User("hostile")
	hostile := session(t, u.String())
	make := func(name, arguments, returns string) {
		execOn(t, hostile, fmt.Sprintf(`CREATE FUNCTION public.%s(%s) RETURNS %s LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'a function of another role ran'; END $$`, name, arguments, returns))
	}
	for name, arguments := range map[string][]string{
		"json_each": {"text", "varchar"}, "current_setting": {"varchar"}, "set_config": {"varchar, varchar, boolean", "text, varchar, boolean"},
		"to_regclass": {"varchar"}, "sum": {"numeric"}, "max": {"text"}, "replace": {"varchar, varchar, varchar"}, "lower": {"varchar"},
		"has_schema_privilege": {"varchar, name, varchar"}, "json_extract_path_text": {"text, text"},
	} {
		for _, a := range arguments {
			make(name, a, "text")
		}
	}
	for i, operator := range []string{"=", "<>", "<", ">", ">=", "<=", "~~"} {
		for j, types := range [][2]string{{"text", "varchar"}, {"varchar", "text"}, {"varchar", "varchar"}, {"bigint", "numeric"}, {"bigint", "text"}} {
			name := fmt.Sprintf("trap_%d_%d", i, j)
			make(name, types[0]+", "+types[1], "boolean")
			execOn(t, hostile, fmt.Sprintf(`CREATE OPERATOR public.%s (FUNCTION = public.%s, LEFTARG = %s, RIGHTARG = %s)`,
				operator, name, types[0], types[1]))
		}
	}
	var log bytes.Buffer
	s := mustOpen(t, sqlstore.Options{URL: at, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if !strings.Contains(log.String(), "REVOKE CREATE ON SCHEMA") {
		t.Errorf("the log does not warn: %s", log.String())
	}
	if err := s.Seed(t.Context(), seedOf(3, 300), nil); err != nil {
		t.Fatal(err)
	}
	for name, h := range sqlstore.HotStatements() {
		tx, err := admin.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(t.Context(), h.Text, h.Args...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = tx.Rollback()
	}
	for _, f := range []jeton.UserFilter{
		{IDs: []string{userID(0)}}, {Names: []string{"user1"}}, {Prefix: "user"}, {Role: jeton.RoleSystemUser}, {NewerMS: 1}, {ByCreate: true},
	} {
		if _, err := s.Users(t.Context(), f, 0, 10); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	for _, o := range storetest.Group(t, s, storetest.Change{Run: func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "x"}, adds("ann")(tx)
	}}) {
		if o.Err != nil {
			t.Error(o.Err)
		}
	}
	report, err := s.Check(t.Context(), nil)
	if err != nil || !report.OK() || !slices.ContainsFunc(report.Warnings, func(w string) bool { return strings.Contains(w, "REVOKE CREATE ON SCHEMA") }) {
		t.Errorf("%+v, %v", report, err)
	}
}
