package sqlstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// To find the millionth token without walking past a million, token_count holds
// how many tokens lie in each stretch of seq, at three sizes: see page.go. The
// counts are written by the change that adds or removes a token, so they are as
// true as the tokens, and they also give the total.

// countShifts are the sizes of the stretches as powers of two: 64, 4,096 and
// 262,144 numbers. A level is an index into them; the database holds the level.
var countShifts = [...]uint{6, 12, 18}

const (
	stretchesInOne = 64 // of the next larger size

	countTokens = `SELECT COUNT(*) FROM token`

	addCounts = `INSERT INTO token_count (level, bucket, n) VALUES `
	onCounted = ` ON CONFLICT (level, bucket) DO UPDATE SET n = token_count.n + excluded.n`
)

// stretch is one row of token_count.
type stretch struct {
	level  int
	bucket int64
}

// tally gathers what a change, or a group of them, adds to the counts.
type tally map[stretch]int64

func (t tally) add(seq, n int64) {
	for level, shift := range countShifts {
		t[stretch{level, seq >> shift}] += n
	}
}

func (t tally) merge(other tally) {
	for s, n := range other {
		t[s] += n
	}
}

// maxCountRows bounds the rows of one statement, and so how many different
// statements are kept prepared.
const maxCountRows = 16

// write adds the tally to the counts in the database.
func (t tally) write(ctx context.Context, w link) error {
	maps.DeleteFunc(t, func(_ stretch, n int64) bool { return n == 0 })
	// In one order on all nodes, and along the index.
	order := slices.SortedFunc(maps.Keys(t), func(a, b stretch) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.bucket, b.bucket))
	})
	for some := range slices.Chunk(order, maxCountRows) {
		args := make([]any, 0, 3*len(some))
		for _, s := range some {
			args = append(args, s.level, s.bucket, t[s])
		}
		if err := w.queue(ctx, stmt(addCounts+values(len(some), 3)+onCounted, args...)); err != nil {
			return err
		}
	}
	return nil
}
