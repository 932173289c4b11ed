package sqlstore

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"jeton"
)

// To find the millionth token without walking past a million, token_count holds
// how many tokens lie in each stretch of seq, at three sizes. A page adds up the
// largest stretches, then the middle ones inside the one where it begins, then
// the small ones, and walks at most one of those: some 200 rows, wherever the
// page lies. The counts are written by the change that adds or removes a token,
// so they are as true as the tokens, and they also give the total.

// countShifts are the sizes of the stretches as powers of two: 64, 4,096 and
// 262,144 numbers. A level is an index into them; the database holds the level.
var countShifts = [...]uint{6, 12, 18}

const (
	topLevel = len(countShifts) - 1

	// nearOffset is how far a page may lie for just walking to it.
	nearOffset = 1 << 7

	tokensFrom = `SELECT ` + tokenColumns + ` FROM token WHERE seq >= $1 ORDER BY seq LIMIT $2 OFFSET $3`

	totalOfCounts = `SELECT COALESCE(SUM(n), 0) FROM token_count WHERE level = $1`
	countsBetween = `SELECT bucket, n FROM token_count
		WHERE level = $1 AND bucket >= $2 AND bucket < $3 AND n > 0 ORDER BY bucket`

	tokensNaively = `SELECT ` + tokenColumns + ` FROM token ORDER BY seq LIMIT $1 OFFSET $2`
	countTokens   = `SELECT COUNT(*) FROM token`

	addCounts = `INSERT INTO token_count (level, bucket, n) VALUES `
	onCounted = ` ON CONFLICT (level, bucket) DO UPDATE SET n = token_count.n + excluded.n`
)

// Tokens implements jeton.TokenReader.
func (r *reader) Tokens(ctx context.Context, offset, limit int64) (page jeton.TokenPage, err error) {
	page.Tokens = []jeton.Token{}
	err = r.look(ctx, func(src source) error {
		from, skip, err := locate(ctx, src, offset, &page.Total)
		if err != nil || limit <= 0 || offset >= page.Total {
			return err
		}
		page.Tokens, err = list(ctx, src, tokensFrom, []any{from, limit, skip}, scanToken)
		return err
	})
	return page, err
}

// locate finds a seq to start from, and how many tokens to skip from there, to
// reach an offset. It sets total to the number of all tokens.
func locate(ctx context.Context, src source, offset int64, total *int64) (from, skip int64, err error) {
	if offset <= nearOffset {
		return 0, offset, sumCounts(ctx, src, total)
	}
	if err := sumCounts(ctx, src, total); err != nil || offset >= *total {
		return 0, 0, err
	}
	skip = offset
	low, high := int64(0), int64(1)<<62
	for level := topLevel; level >= 0; level-- {
		bucket, before, err := bucketOf(ctx, src, level, low, high, skip)
		if err != nil {
			return 0, 0, err
		}
		skip -= before
		from = bucket << countShifts[level]
		if level > 0 {
			low = from >> countShifts[level-1]
			high = (bucket + 1) << (countShifts[level] - countShifts[level-1])
		}
	}
	return from, skip, nil
}

func sumCounts(ctx context.Context, src source, total *int64) error {
	return src.one(ctx, totalOfCounts, []any{topLevel}, total)
}

// bucketOf returns the stretch among low..high in which the token lies that has
// skip others before it there, and how many of those lie in earlier stretches.
func bucketOf(ctx context.Context, src source, level int, low, high, skip int64) (bucket, before int64, err error) {
	var last int64
	err = src.each(ctx, countsBetween, []any{level, low, high}, func(r row) error {
		before += last
		if err := r.Scan(&bucket, &last); err != nil {
			return err
		}
		if before+last > skip {
			return errEnough
		}
		return nil
	})
	return bucket, before, err
}

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
		if err := w.send(ctx, addCounts+w.values(len(some), 3)+onCounted, args...); err != nil {
			return err
		}
	}
	return nil
}
