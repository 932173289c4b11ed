package sqlstore

import (
	"context"

	"jeton"
)

// A page of all tokens is one statement, rows and total together, so the two always
// agree. One that lies near the start is walked to. For any other, the statement adds
// up the largest stretches of token_count, then the middle ones inside the one where
// the page begins, then the small ones, and walks at most one of those: some 200 rows,
// wherever the page lies.

const (
	// nearOffset is how far a page may lie for just walking to it.
	nearOffset = 128

	allTokens = `(SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM token_count WHERE level = 2)`

	nearTokens = `SELECT ` + tokenColumns + `, ` + allTokens + ` FROM token ORDER BY seq LIMIT $1 OFFSET $2`

	farTokens = `WITH big AS (
			SELECT bucket, past FROM (
				SELECT bucket, n, CAST(SUM(n) OVER (ORDER BY bucket) AS BIGINT) - n AS past
				FROM token_count WHERE level = 2 AND n > 0
			) AS sums WHERE past <= $2 AND past + n > $2
		), middle AS (
			SELECT bucket, past FROM (
				SELECT c.bucket, c.n, b.past + CAST(SUM(c.n) OVER (ORDER BY c.bucket) AS BIGINT) - c.n AS past
				FROM big b CROSS JOIN token_count c
				WHERE c.level = 1 AND c.bucket >= b.bucket * 64 AND c.bucket < b.bucket * 64 + 64 AND c.n > 0
			) AS sums WHERE past <= $2 AND past + n > $2
		), small AS (
			SELECT bucket, past FROM (
				SELECT c.bucket, c.n, m.past + CAST(SUM(c.n) OVER (ORDER BY c.bucket) AS BIGINT) - c.n AS past
				FROM middle m CROSS JOIN token_count c
				WHERE c.level = 0 AND c.bucket >= m.bucket * 64 AND c.bucket < m.bucket * 64 + 64 AND c.n > 0
			) AS sums WHERE past <= $2 AND past + n > $2
		)
		SELECT ` + tokenColumns + `, ` + allTokens + ` FROM token
		WHERE seq >= (SELECT bucket * 64 FROM small) ORDER BY seq
		LIMIT $1 OFFSET CAST($2 AS BIGINT) - COALESCE((SELECT past FROM small), 0)`
)

// Tokens implements jeton.TokenReader. Only a page without rows asks a second time,
// for the total.
func (s *Store) Tokens(ctx context.Context, offset, limit int64) (page jeton.TokenPage, err error) {
	text := nearTokens
	if offset > nearOffset {
		text = farTokens
	}
	found := newTokenScan(limit)
	if limit > 0 {
		err = s.lists.query(ctx, stmt(text, limit, offset), func(r row) error {
			if len(found.tokens) == 0 {
				page.Total = r.int(tokenWidth)
			}
			return found.add(r)
		})
	}
	page.Tokens = found.done()
	if err == nil && len(page.Tokens) == 0 {
		page.Total, err = number(ctx, s.lists, stmt(`SELECT `+allTokens))
	}
	return page, err
}
