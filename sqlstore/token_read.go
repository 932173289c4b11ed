package sqlstore

import (
	"context"
	"maps"
	"slices"

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

// tokenScan reads tokens, and makes their texts at the end, all at once.
type tokenScan struct {
	tokens []jeton.Token
	texts  arena
}

// newTokenScan makes room for about as many tokens as may come.
func newTokenScan(limit int64) *tokenScan {
	n := min(max(limit, 1), jeton.MaxPageSize)
	return &tokenScan{
		tokens: make([]jeton.Token, 0, n),
		texts:  arena{bytes: make([]byte, 0, n*tokenText), ends: make([]int, 0, n*tokenTexts)},
	}
}

const (
	tokenTexts = 6   // columns of text of a token
	tokenText  = 128 // bytes of text that a token has, about
)

// add reads tokenColumns.
func (s *tokenScan) add(r row) error {
	for _, column := range [tokenTexts]int{0, 1, 2, 8, 9, 10} {
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

// done returns the tokens. The slice is never nil.
func (s *tokenScan) done() []jeton.Token {
	next := s.texts.texts()
	for i := range s.tokens {
		t := &s.tokens[i]
		t.ID, t.UserID, t.Description, t.CreatedBy, t.CreatedVia, t.Hint = next(), next(), next(), next(), next(), next()
	}
	return s.tokens
}

func listTokens(ctx context.Context, src source, limit int64, s statement) ([]jeton.Token, error) {
	found := newTokenScan(limit)
	err := src.query(ctx, s, found.add)
	return found.done(), err
}

func token(ctx context.Context, src source, id string) (jeton.Token, error) {
	return find(ctx, src, tokenByID, id, func(r row) (jeton.Token, error) {
		found := newTokenScan(1)
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
	return listTokens(ctx, s.lists, limit, stmt(searchTokens, term, limit))
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
