package sqlstore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jeton"
	"jeton/sqlstore"
)

// TestEventsWithGaps: pages of a large journal are right at every depth, while refusals are
// removed from several parts of it, and Check finds the gaps accounted for.
func TestEventsWithGaps(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		const total = 70_000
		s := mustOpen(t, sqlstore.Options{URL: url})
		db := raw(t, url)
		// Of the third part all are refusals: it goes away as a whole.
		exec(t, db, fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO journal (position, at, actor, via, action, target, detail, owner, refused)
			SELECT i, i, '', '', 'test', 'x', '{}', '', i %% 5 = 0 OR i BETWEEN 30000 AND 51000 FROM n`, total))
		exec(t, db, fmt.Sprintf(`UPDATE head SET position = %d`, total))
		var all []int64 // positions, newest first
		for i := int64(total); i > 0; i-- {
			all = append(all, i)
		}
		for _, before := range []int64{1, 1000, 20_000, 45_000, 60_000, total + 1} {
			for n := int64(10_000); n == 10_000; {
				var err error
				if n, err = s.ClearOld(t.Context(), jeton.Old{RefusedBefore: before, Limit: 10_000}); err != nil {
					t.Fatal(err)
				}
			}
			all = slices.DeleteFunc(all, func(i int64) bool {
				return i < before && i < total && (i%5 == 0 || 30_000 <= i && i <= 51_000)
			})
			n := int64(len(all))
			for _, offset := range []int64{0, 1, 17, 9000, 13_107, 16_384, 20_000, 20_001, 25_000, n / 2, n - 7, n - 1, n, n + 5, 1 << 62} {
				got, err := s.Events(t.Context(), jeton.EventFilter{}, offset, 5)
				if err != nil {
					t.Fatal(err)
				}
				positions := []int64{}
				for _, e := range got {
					positions = append(positions, e.Position)
				}
				if want := all[min(offset, n) : min(offset, n-5)+5]; offset <= n-5 && !slices.Equal(positions, want) || offset >= n && len(got) > 0 {
					t.Errorf("before %d, from %d: %v, want %v", before, offset, positions, want)
				}
			}
		}
		if r, err := s.Check(t.Context(), nil); err != nil || strings.Contains(fmt.Sprint(r.Findings), "journal") {
			t.Errorf("%v, %v", r.Findings, err)
		}
		exec(t, db, `DELETE FROM journal WHERE position = 7`)
		if r, err := s.Check(t.Context(), nil); err != nil || !strings.Contains(fmt.Sprint(r.Findings), "1 events are missing in the journal") {
			t.Errorf("%v, %v", r.Findings, err)
		}
	})
}
