package sqlstore

import (
	"context"
	"slices"

	"jeton"
)

const (
	insertToken = `INSERT INTO token (user_id, seq, id, description, is_active, create_at, expires_at, last_used_at,
			scopes, created_by, created_via, hint)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	insertSecret = `INSERT INTO token_secret (digest, token_id, valid_until, retired_at) VALUES ($1, $2, 0, 0)`

	setTokensActive = `UPDATE token SET is_active = $1 WHERE id IN `
	retireSecrets   = `UPDATE token_secret SET retired_at = $1 WHERE retired_at = 0 AND token_id IN `
	deleteTokens    = `DELETE FROM token WHERE id IN `
	returnSeq       = ` RETURNING seq`

	retireSecretsOf = retireSecrets + `(SELECT t.id FROM token t WHERE t.user_id = $2)`
	deleteTokensOf  = `DELETE FROM token WHERE user_id = $1` + returnSeq

	// maxIDs is how many ids one statement names.
	maxIDs = 100
)

// AddToken implements jeton.TokenWriter. The token's place in the order of
// creation is given here; what t.Seq holds is not looked at.
func (t *tx) AddToken(ctx context.Context, token jeton.Token, d jeton.Digest) error {
	t.tokenSeq++
	args, err := tokenArgs(token, t.tokenSeq)
	if err == nil {
		err = t.sendToken(ctx, insertToken, args...)
	}
	if err == nil {
		err = t.sendToken(ctx, insertSecret, d[:], token.ID)
	}
	t.counts.add(t.tokenSeq, 1)
	t.addedFor = append(t.addedFor, token.UserID)
	return err
}

func tokenArgs(t jeton.Token, seq int64) ([]any, error) {
	scopes, err := putScopes(t.Scopes)
	return []any{
		t.UserID, seq, t.ID, t.Description, t.Active, t.CreateAt, t.ExpiresAt, t.LastUsedAt,
		scopes, t.CreatedBy, t.CreatedVia, t.Hint,
	}, err
}

// SetTokensActive implements jeton.TokenWriter: jeton.ErrNotFound if one of the
// tokens is not there.
func (t *tx) SetTokensActive(ctx context.Context, ids []string, active bool) error {
	return eachIDs(ids, func(some []any) error {
		text := setTokensActive + "(" + marks(2, len(some)) + ")"
		n, err := t.execIDs(ctx, text, some, append([]any{active}, some...))
		return allTouched(n, len(some), err)
	})
}

// RemoveTokens implements jeton.TokenWriter: jeton.ErrNotFound if one of the
// tokens is not there.
func (t *tx) RemoveTokens(ctx context.Context, ids []string, now int64) error {
	return eachIDs(ids, func(some []any) error {
		text := retireSecrets + "(" + marks(2, len(some)) + ")"
		if _, err := t.execIDs(ctx, text, some, append([]any{now}, some...)); err != nil {
			return err
		}
		if _, err := t.execIDs(ctx, deleteUses+"("+marks(1, len(some))+")", some, some); err != nil {
			return err
		}
		n, err := t.deleteCounted(ctx, deleteTokens+"("+marks(1, len(some))+")"+returnSeq, some...)
		return allTouched(n, len(some), err)
	})
}

// execIDs keeps the text for one id prepared, which nearly all calls are.
func (t *tx) execIDs(ctx context.Context, text string, ids, args []any) (int64, error) {
	if len(ids) == 1 {
		return t.exec(ctx, text, args...)
	}
	return t.execOnce(ctx, text, args...)
}

// deleteCounted runs a deletion of tokens that returns their numbers, and takes
// them off the counts.
func (t *tx) deleteCounted(ctx context.Context, text string, args ...any) (n int64, err error) {
	t.writes()
	err = t.eachOnce(ctx, text, args, func(r row) error {
		var seq int64
		if err := r.Scan(&seq); err != nil {
			return err
		}
		t.counts.add(seq, -1)
		n++
		return nil
	})
	return n, err
}

// eachIDs calls f with at most maxIDs different ids at a time.
func eachIDs(ids []string, f func(some []any) error) error {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), maxIDs) {
		args := make([]any, 0, len(some))
		for _, id := range some {
			if !findable(id) {
				return jeton.ErrNotFound
			}
			args = append(args, id)
		}
		if err := f(args); err != nil {
			return err
		}
	}
	return nil
}

func allTouched(n int64, want int, err error) error {
	if err == nil && n != int64(want) {
		return jeton.ErrNotFound
	}
	return err
}
