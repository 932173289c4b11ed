package sqlstore_test

import (
	"strings"
	"testing"

	"jeton/sqlstore"
)

// TestCheckFinds: each kind of damage is told.
func TestCheckFinds(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s := mustOpen(t, sqlstore.Options{URL: url})
		if err := s.Seed(t.Context(), seedOf(10, 100), nil); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			addUser(t, s, "ann"+strings.Repeat("n", int(head(t, s).Position)))
		}
		db := raw(t, url)
		for _, c := range []struct{ damage, want string }{
			{`DELETE FROM users WHERE username = 'user3'`, "10 tokens have no owner"},
			{`DELETE FROM token_secret WHERE token_id = '` + tokenID(5) + `'`, "1 tokens have no secret in use"},
			{`DELETE FROM token WHERE id = '` + tokenID(7) + `'`, "1 secrets in use belong to no token"},
			{`INSERT INTO token_use (token_id, day, uses) VALUES ('nothing', 1, 1)`, "1 counts of uses belong to no token"},
			{`UPDATE token_count SET n = n + 1 WHERE level = 2`, "counts of tokens are not what the tokens say"},
			{`DELETE FROM journal WHERE position = 2`, "1 events are missing in the journal"},
			{`UPDATE journal SET position = 99 WHERE position = 3`, "1 events lie behind the end of the journal"},
			{`UPDATE head SET token_seq = 98`, "2 tokens were made after the newest number given"},
			{`DELETE FROM user_role WHERE user_id = '` + userID(4) + `'`, "users have roles that no list by role holds"},
			{`UPDATE users SET roles = 'other' WHERE username = 'user5'`, "roles of users do not agree"},
			{`INSERT INTO known_address (user_id, address, last_at) VALUES ('nobody', 'x', 1)`, "1 known addresses have no user"},
		} {
			exec(t, db, c.damage)
			var told []string
			report, err := s.Check(t.Context(), func(what string) { told = append(told, what) })
			if err != nil || report.OK() || len(told) < 10 {
				t.Errorf("%s: %v, %v, %d", c.damage, report, err, len(told))
			}
			if !strings.Contains(strings.Join(report.Findings, "\n"), c.want) {
				t.Errorf("%s: found %q", c.damage, report.Findings)
			}
		}
	})
}
