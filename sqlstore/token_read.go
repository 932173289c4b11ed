package sqlstore

import (
	"context"
	"maps"
	"slices"
	"sync"

	"jeton"
)

const (
	tokenColumns = `id, user_id, description, is_active, create_at, expires_at, last_used_at,
		scopes, created_by, created_via, hint, seq`
	tokenWidth = 12 // of these columns

	tokenByID = `SELECT ` + tokenColumns + ` FROM token WHERE id = $1`

	tokensOf = `SELECT ` + tokenColumns + ` FROM token WHERE user_id = $1
		ORDER BY seq LIMIT $2 OFFSET $3`
	countedTokensOf = `SELECT ` + tokenColumns + `, (SELECT COUNT(*) FROM token c WHERE c.user_id = $1)
		FROM token WHERE user_id = $1 ORDER BY seq LIMIT $2 OFFSET $3`
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

// tokenScan reads tokens into memory that is used again, and makes their texts at the
// end, all at once.
type tokenScan struct {
	tokens []jeton.Token
	texts  arena
}

var tokenScans = sync.Pool{New: func() any { return new(tokenScan) }}

// keepTokens bounds the memory that is used again: one long list must not hold its
// own for good.
const keepTokens = 2 * jeton.MaxPageSize

// newTokenScan begins a list. done must follow.
func newTokenScan() *tokenScan { return tokenScans.Get().(*tokenScan) }

// add reads tokenColumns.
func (s *tokenScan) add(r row) error {
	for _, column := range [...]int{0, 1, 2, 8, 9, 10} {
		s.texts.add(r, column)
	}
	t := jeton.Token{Active: r.bool(3), CreateAt: r.int(4), ExpiresAt: r.int(5), LastUsedAt: r.int(6), Seq: r.int(11)}
	var err error
	if !r.null(7) {
		t.Scopes, err = getScopes(false, r.text(7))
	}
	s.tokens = append(s.tokens, t)
	return err
}

// withTotal reads tokenColumns and, behind them, how many tokens there are in all.
func (s *tokenScan) withTotal(total *int64) func(row) error {
	return func(r row) error {
		if len(s.tokens) == 0 {
			*total = r.int(tokenWidth)
		}
		return s.add(r)
	}
}

// done ends the list and returns it; the slice is never nil.
func (s *tokenScan) done() []jeton.Token {
	next := s.texts.texts()
	tokens := make([]jeton.Token, len(s.tokens))
	copy(tokens, s.tokens)
	for i := range tokens {
		t := &tokens[i]
		t.ID, t.UserID, t.Description, t.CreatedBy, t.CreatedVia, t.Hint = next(), next(), next(), next(), next(), next()
	}
	if len(tokens) <= keepTokens {
		clear(s.tokens) // scopes are not to be kept alive
		s.tokens, s.texts.bytes, s.texts.ends = s.tokens[:0], s.texts.bytes[:0], s.texts.ends[:0]
		tokenScans.Put(s)
	}
	return tokens
}

func listTokens(ctx context.Context, src source, s statement) ([]jeton.Token, error) {
	found := newTokenScan()
	err := src.query(ctx, s, found.add)
	return found.done(), err
}

func token(ctx context.Context, src source, id string) (jeton.Token, error) {
	return find(ctx, src, tokenByID, id, func(r row) (jeton.Token, error) {
		found := newTokenScan()
		err := found.add(r)
		return found.done()[0], err
	})
}

// Token implements jeton.TokenReader.
func (s *Store) Token(ctx context.Context, id string) (jeton.Token, error) {
	return token(ctx, s.lists, id)
}

// Token implements jeton.TxReader.
func (t *tx) Token(id string) (jeton.Token, error) { return token(t.ctx(), t, id) }

// SearchTokens implements jeton.TokenReader.
func (s *Store) SearchTokens(ctx context.Context, term string, limit int64) ([]jeton.Token, error) {
	if !storable(term) {
		return []jeton.Token{}, nil
	}
	return listTokens(ctx, s.lists, stmt(searchTokens, term, limit))
}

// TokensMadeBy implements jeton.TxReader.
func (t *tx) TokensMadeBy(id, userID string) (same []string, others int, err error) {
	if !storable(id) || !storable(userID) || id == "" {
		return []string{}, 0, nil
	}
	made := map[int64]string{} // by their place in the order of creation
	err = t.query(t.ctx(), stmt(tokensMadeBy, id, userID), func(r row) error {
		if r.bool(1) {
			made[r.int(2)] = r.text(0)
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
