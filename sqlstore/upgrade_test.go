package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton"
	"jeton/sqlstore"
)

// onEarlier runs a test on every engine and every earlier version of the schema,
// with a function that makes a database of it.
func onEarlier(t *testing.T, test func(t *testing.T, e earlierSchema, newDatabase func(seed func(s *seeding)) (url string))) {
	t.Helper()
	for name, newURL := range engines() {
		for _, earlier := range earlierSchemas {
			t.Run(fmt.Sprint(name, "/", earlier.version), func(t *testing.T) {
				test(t, earlier, func(seed func(s *seeding)) string {
					url := newURL(t)
					earlierDatabase(t, url, earlier.version, func(s *seeding) {
						earlier.seed(s)
						if seed != nil {
							seed(s)
						}
					})
					return url
				})
			})
		}
	}
}

// TestEarlierSchemasAreAll: each version before the present one is among those whose
// upgrade is tested.
func TestEarlierSchemasAreAll(t *testing.T) {
	for version := range int64(knownVersion - 1) {
		if int(version) >= len(earlierSchemas) || earlierSchemas[version].version != version+1 {
			t.Errorf("earlierSchemas has no rows of version %d", version+1)
		}
	}
}

// TestUpgrade: all rows of a database of an earlier version are there after the
// upgrade, and the store works with them.
func TestUpgrade(t *testing.T) {
	onEarlier(t, func(t *testing.T, e earlierSchema, newDatabase func(func(s *seeding)) string) {
		url := newDatabase(nil)
		before := contentsOf(t, url)
		for _, rows := range before {
			if len(rows) == 0 {
				t.Errorf("the database of version %d has an empty table", e.version)
			}
		}
		from, to, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url})
		if err != nil || from != e.version || to != knownVersion {
			t.Fatalf("migrated from %d to %d, %v", from, to, err)
		}
		sameContents(t, before, contentsOf(t, url))
		worksUpgraded(t, url)
	})
}

// worksUpgraded reads and writes the rows of seedFirst through the store.
func worksUpgraded(t *testing.T, url string) {
	t.Helper()
	s := mustOpen(t, sqlstore.Options{URL: url})
	isWhole(t, s)
	page, err := s.Tokens(t.Context(), 0, 5)
	if err != nil || page.Total != 1504 {
		t.Fatalf("%d tokens, %v", page.Total, err)
	}
	if got := tokenIDs(page); !slices.Equal(got, []string{"t-bot", "t-none", "t-null", "t-some", "gen999999"}) {
		t.Errorf("the first tokens are %v", got)
	}
	of, err := s.TokensOf(t.Context(), "u-ann", 0, 4)
	if got := tokenIDs(of); err != nil || of.Total != 503 || !slices.Equal(got, []string{"t-none", "t-null", "t-some", "gen999999"}) {
		t.Errorf("the tokens of an owner are %v of %d, %v", got, of.Total, err)
	}
	deep, err := s.Tokens(t.Context(), 1502, 5)
	if got := tokenIDs(deep); err != nil || !slices.Equal(got, []string{"gen998501", "gen998500"}) {
		t.Errorf("the last tokens are %v, %v", got, err)
	}
	for id, d := range upgradeSecrets {
		if c, err := s.Credential(t.Context(), d, jeton.KindToken); err != nil || c.ID != id || (c.Scopes == nil) != (id == "t-null" || id == "t-bot") {
			t.Errorf("the secret of %s: %+v, %v", id, c, err)
		}
	}
	last := deep.Tokens[len(deep.Tokens)-1].Seq
	_, _, err = s.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "new"}, tx.AddToken(jeton.Token{ID: "new", UserID: "u-ann"}, jeton.Digest{9})
	})
	if err != nil {
		t.Fatal(err)
	}
	if made, err := s.Token(t.Context(), "new"); err != nil || made.Seq != last+8 { // the numbers of removed tokens are not given again
		t.Errorf("the new token has seq %d after %d, %v", made.Seq, last, err)
	}
	isWhole(t, s)
}

func tokenIDs(page jeton.TokenPage) (ids []string) {
	for _, t := range page.Tokens {
		ids = append(ids, t.ID)
	}
	return ids
}

// TestUpgradeEmpty: a database of an earlier version without any row opens.
func TestUpgradeEmpty(t *testing.T) {
	for name, newURL := range engines() {
		for _, earlier := range earlierSchemas {
			t.Run(fmt.Sprint(name, "/", earlier.version), func(t *testing.T) {
				url := newURL(t)
				earlierDatabase(t, url, earlier.version, nil)
				s := mustOpen(t, sqlstore.Options{URL: url})
				addUser(t, s, "ann")
				isWhole(t, s)
				if report, err := s.Check(t.Context(), nil); err != nil || report.SchemaVersion != knownVersion {
					t.Errorf("version %d, %v", report.SchemaVersion, err)
				}
			})
		}
	}
}

// TestUpgradeRefused: a database with a row that cannot be upgraded is refused with
// the id of that row, and is left as it was.
func TestUpgradeRefused(t *testing.T) {
	onEarlier(t, func(t *testing.T, e earlierSchema, newDatabase func(func(s *seeding)) string) {
		if e.bad == nil {
			t.Skip("no row of this version cannot be upgraded")
		}
		for _, seq := range e.bad(newDatabase(nil)) {
			url := newDatabase(func(s *seeding) { s.exec(`UPDATE token SET seq = ` + seq + ` WHERE id = 't-some'`) })
			before, schema := contentsOf(t, url), schemaOf(t, url)
			_, _, migrated := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url})
			opened := refusedToOpen(t, url)
			for what, err := range map[string]error{"migrate": migrated, "open": opened} {
				if err == nil || !strings.Contains(err.Error(), "t-some") {
					t.Errorf("%s, with seq %s: %v", what, seq, err)
				}
			}
			isAsBefore(t, url, before, schema)
		}
	})
}

// isAsBefore wants a database with the same rows and the same schema as before.
func isAsBefore(t *testing.T, url string, before contents, schema string) {
	t.Helper()
	if diff := cmp.Diff(schema, schemaOf(t, url)); diff != "" {
		t.Errorf("the schema (-before +after):\n%s", diff)
	}
	if after := contentsOf(t, url); !reflect.DeepEqual(before, after) { // much faster than cmp, which then says where
		t.Errorf("the rows (-before +after):\n%s", cmp.Diff(before, after))
	}
}

func refusedToOpen(t *testing.T, url string) error {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url})
	if err == nil {
		_ = s.Close()
	}
	return err
}

// TestUpgradeInterrupted: an upgrade that is cancelled on its way leaves the
// database as it was, and runs to its end the next time. It tells its progress.
func TestUpgradeInterrupted(t *testing.T) {
	onEarlier(t, func(t *testing.T, e earlierSchema, newDatabase func(func(s *seeding)) string) {
		if !e.long {
			t.Skip("the upgrade of this version is done at once")
		}
		url := newDatabase(func(s *seeding) {
			s.exec(`DELETE FROM token WHERE id LIKE 'gen%'`)
			s.exec(`DELETE FROM token_secret WHERE token_id LIKE 'gen%'`)
			s.generate(12_000)
			s.count()
		})
		before, schema := contentsOf(t, url), schemaOf(t, url)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, _, err := sqlstore.Migrate(ctx, sqlstore.Options{URL: url, Progress: func(done, total int64) {
			if done < total {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("the upgrade that was cancelled: %v", err)
		}
		if e.version == 2 { // its next step is the long one
			isAsBefore(t, url, before, schema)
		} else { // steps that came to their end stay
			sameContents(t, before, contentsOf(t, url))
		}
		p := progressSeen{t: t}
		if _, to, err := sqlstore.Migrate(t.Context(), sqlstore.Options{URL: url, Progress: p.tell}); err != nil || to != knownVersion {
			t.Fatalf("the next time: to %d, %v", to, err)
		}
		if p.calls == 0 || p.done != p.total {
			t.Errorf("progress was told %d times, up to %d of %d", p.calls, p.done, p.total)
		}
		sameContents(t, before, contentsOf(t, url))
		isWhole(t, mustOpen(t, sqlstore.Options{URL: url}))
	})
}

// progressSeen checks that progress does not go back.
type progressSeen struct {
	t                  *testing.T
	calls, done, total int64
}

func (p *progressSeen) tell(done, total int64) {
	if done < p.done || total <= 0 || done > total || p.total != 0 && total != p.total {
		p.t.Errorf("progress %d of %d after %d of %d", done, total, p.done, p.total)
	}
	p.calls, p.done, p.total = p.calls+1, done, total
}
