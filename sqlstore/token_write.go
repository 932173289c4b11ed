package sqlstore

import (
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
func (t *tx) AddToken(token jeton.Token, d jeton.Digest) error {
	t.tokenSeq++
	args, err := tokenArgs(token, t.tokenSeq)
	if err == nil {
		err = t.sendToken(stmt(insertToken, args...))
	}
	if err == nil {
		err = t.sendToken(stmt(insertSecret, d[:], token.ID))
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
func (t *tx) SetTokensActive(ids []string, active bool) error {
	return eachIDs(ids, func(some []any) error {
		text := setTokensActive + "(" + marks(2, len(some)) + ")"
		n, err := t.exec(ofIDs(some, text, append([]any{active}, some...)...))
		return allTouched(n, len(some), err)
	})
}

// RemoveTokens implements jeton.TokenWriter: jeton.ErrNotFound if one of the
// tokens is not there.
func (t *tx) RemoveTokens(ids []string, now int64) error {
	return eachIDs(ids, func(some []any) error {
		text := retireSecrets + "(" + marks(2, len(some)) + ")"
		list := "(" + marks(1, len(some)) + ")"
		if err := t.send(ofIDs(some, text, append([]any{now}, some...)...)); err != nil {
			return err
		}
		if err := t.send(ofIDs(some, deleteUses+list, some...)); err != nil {
			return err
		}
		n, err := t.deleteCounted(ofIDs(some, deleteTokens+list+returnSeq, some...))
		return allTouched(n, len(some), err)
	})
}

// ofIDs returns a statement that names some ids: the text for one id, which nearly
// all calls have, is kept prepared.
func ofIDs(ids []any, text string, args ...any) statement {
	return statement{text: text, args: args, once: len(ids) > 1}
}

// deleteCounted runs a deletion of tokens that returns their numbers, and takes
// them off the counts.
func (t *tx) deleteCounted(s statement) (n int64, err error) {
	t.writes()
	err = t.query(t.ctx(), s, func(r row) error {
		t.counts.add(r.int(0), -1)
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
			if !storable(id) {
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
