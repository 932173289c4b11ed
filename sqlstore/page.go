package sqlstore

import (
	"context"

	"jeton"
)

// A page is one statement, rows and total together, so the two always agree. A page of
// all tokens that lies near the start is walked to. For any other, the statement adds
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

// Tokens implements jeton.TokenReader.
func (s *Store) Tokens(ctx context.Context, offset, limit int64) (jeton.TokenPage, error) {
	text := nearTokens
	if offset > nearOffset {
		text = farTokens
	}
	return s.page(ctx, offset, limit, stmt(text, limit, offset), stmt(`SELECT `+allTokens))
}

// TokensOf implements jeton.TokenReader. How many there are mostly follows from the
// rows. Only where it does not, the page is read again, with the number.
func (s *Store) TokensOf(ctx context.Context, userID string, offset, limit int64) (jeton.TokenPage, error) {
	if !storable(userID) {
		return jeton.TokenPage{Tokens: []jeton.Token{}}, nil
	}
	if limit > 0 {
		tokens, err := listTokens(ctx, s.lists, stmt(tokensOf, userID, limit, offset))
		n := int64(len(tokens))
		if err != nil || n < limit && (n > 0 || offset == 0) {
			return jeton.TokenPage{Tokens: tokens, Total: offset + n}, err
		}
	}
	return s.page(ctx, offset, limit, stmt(countedTokensOf, userID, limit, offset), stmt(countTokensOf, userID))
}

// page runs a statement that returns rows and total together. Only a page without rows
// asks a second time, for the total: which was no more than the offset when there were
// no rows behind it, whatever was added since.
func (s *Store) page(ctx context.Context, offset, limit int64, rows, count statement) (page jeton.TokenPage, err error) {
	found := newTokenScan()
	if limit > 0 {
		err = s.lists.query(ctx, rows, found.withTotal(&page.Total))
	}
	page.Tokens = found.done()
	if err == nil && len(page.Tokens) == 0 {
		page.Total, err = number(ctx, s.lists, count)
		if limit > 0 {
			page.Total = min(page.Total, offset)
		}
	}
	return page, err
}
