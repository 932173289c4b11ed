package sqlstore

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"jeton"
)

const (
	tokenColumns = `id, user_id, description, is_active, create_at, expires_at, last_used_at,
		scopes, created_by, created_via, hint, seq`

	tokenByID = `SELECT ` + tokenColumns + ` FROM token WHERE id = $1`

	tokensOf = `SELECT ` + tokenColumns + ` FROM token WHERE user_id = $1
		ORDER BY seq LIMIT $2 OFFSET $3`
	countTokensOf = `SELECT COUNT(*) FROM token WHERE user_id = $1`

	searchTokens = `SELECT ` + tokenColumns + ` FROM token
		WHERE id = $1 OR user_id = $1 OR user_id = (SELECT u.id FROM users u WHERE u.username = $1)
		ORDER BY seq LIMIT $2`

	// The partial index of created_via serves only what names its condition. CROSS
	// JOIN keeps SQLite from turning the loops round, and the order is left to Go:
	// for either it would walk through all tokens.
	tokensMadeBy = `WITH RECURSIVE made (id) AS (
			SELECT t.id FROM token t WHERE t.created_via = $1 AND t.created_via <> '' AND t.user_id = $2
			UNION
			SELECT t.id FROM made m CROSS JOIN token t
			WHERE t.created_via = m.id AND t.created_via <> '' AND t.user_id = $2
		)
		SELECT t.id, t.user_id = $2, t.seq FROM token t WHERE t.created_via = $1 AND t.created_via <> ''
		UNION ALL
		SELECT t.id, t.user_id = $2, t.seq FROM made m CROSS JOIN token t
		WHERE t.created_via = m.id AND t.created_via <> ''`
)

// reader reads, from the pool or inside a change.
type reader struct {
	src source
	// look runs reads that must all see one state; inside a change all do.
	look func(ctx context.Context, read func(source) error) error
}

func scanToken(r row) (jeton.Token, error) {
	var t jeton.Token
	var scopes sql.NullString
	err := r.Scan(&t.ID, &t.UserID, &t.Description, &t.Active, &t.CreateAt, &t.ExpiresAt, &t.LastUsedAt,
		&scopes, &t.CreatedBy, &t.CreatedVia, &t.Hint, &t.Seq)
	if err == nil {
		t.Scopes, err = getScopes(scopes)
	}
	return t, err
}

// Token implements jeton.TokenReader.
func (r *reader) Token(ctx context.Context, id string) (jeton.Token, error) {
	return findOne(ctx, r.src, tokenByID, id, scanToken)
}

// findOne reads the one row of a text that looks for a string.
func findOne[T any](ctx context.Context, src source, text, key string, scan func(row) (T, error)) (T, error) {
	var found T
	if !findable(key) {
		return found, jeton.ErrNotFound
	}
	all, err := list(ctx, src, text, []any{key}, scan)
	if err != nil {
		return found, err
	}
	if len(all) == 0 {
		return found, jeton.ErrNotFound
	}
	return all[0], nil
}

// TokensOf implements jeton.TokenReader. How many there are mostly follows from
// the rows, and is asked for only where it does not.
func (r *reader) TokensOf(ctx context.Context, userID string, offset, limit int64) (jeton.TokenPage, error) {
	page := jeton.TokenPage{Tokens: []jeton.Token{}}
	if !findable(userID) {
		return page, nil
	}
	var err error
	if limit > 0 {
		page.Tokens, err = list(ctx, r.src, tokensOf, []any{userID, limit, offset}, scanToken)
	}
	n := int64(len(page.Tokens))
	if err == nil && n < limit && (n > 0 || offset == 0) {
		page.Total = offset + n
		return page, nil
	}
	if err == nil {
		err = r.src.one(ctx, countTokensOf, []any{userID}, &page.Total)
	}
	return page, err
}

// SearchTokens implements jeton.TokenReader.
func (r *reader) SearchTokens(ctx context.Context, term string, limit int64) ([]jeton.Token, error) {
	if !findable(term) {
		return []jeton.Token{}, nil
	}
	return list(ctx, r.src, searchTokens, []any{term, limit}, scanToken)
}

// TokensMadeBy implements jeton.TokenReader.
func (r *reader) TokensMadeBy(ctx context.Context, id, userID string) (same []string, others int, err error) {
	if !findable(id) || !findable(userID) || id == "" {
		return []string{}, 0, nil
	}
	made := map[int64]string{} // by their place in the order of creation
	err = r.src.each(ctx, tokensMadeBy, []any{id, userID}, func(r row) error {
		var id string
		var sameOwner bool
		var seq int64
		if err := r.Scan(&id, &sameOwner, &seq); err != nil {
			return err
		}
		if sameOwner {
			made[seq] = id
		} else {
			others++
		}
		return nil
	})
	same = make([]string, 0, len(made))
	for _, seq := range slices.Sorted(maps.Keys(made)) {
		same = append(same, made[seq])
	}
	return same, others, err
}
