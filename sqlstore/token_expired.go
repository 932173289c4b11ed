package sqlstore

import (
	"errors"

	"jeton"
)

const (
	countExpired = `SELECT COUNT(*) FROM token WHERE user_id = $1 AND expires_at > 0 AND expires_at <= $2`
	firstExpired = `SELECT user_id FROM token WHERE expires_at > 0 AND expires_at <= $1 ORDER BY expires_at LIMIT 1`
	expiredOf    = `SELECT id FROM token WHERE user_id = $1 AND expires_at > 0 AND expires_at <= $2
		ORDER BY expires_at, seq LIMIT $3`
)

// CountExpired implements jeton.TxReader.
func (t *tx) CountExpired(userID string, now int64) (int64, error) {
	if !storable(userID) {
		return 0, nil
	}
	return number(t.ctx(), t, stmt(countExpired, userID, now))
}

// ExpiredTokens implements jeton.TxReader.
func (t *tx) ExpiredTokens(userID string, before, limit int64) (string, []string, error) {
	text := func(r row) (string, error) { return r.text(0), nil }
	if userID == "" {
		err := one(t.ctx(), t, stmt(firstExpired, before), func(r row) { userID = r.text(0) })
		if errors.Is(err, jeton.ErrNotFound) {
			return "", []string{}, nil
		}
		if err != nil {
			return "", nil, err
		}
	}
	if !storable(userID) {
		return userID, []string{}, nil
	}
	ids, err := list(t.ctx(), t, stmt(expiredOf, userID, before, limit), text)
	return userID, ids, err
}
