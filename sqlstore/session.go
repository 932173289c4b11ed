package sqlstore

import (
	"context"

	"jeton"
)

const (
	sessionColumns = `id, user_id, create_at, expires_at, last_activity_at, device_id, address, user_agent`

	sessionByID = `SELECT ` + sessionColumns + ` FROM session WHERE id = $1`
	sessionsOf  = `SELECT ` + sessionColumns + ` FROM session WHERE user_id = $1
		ORDER BY last_activity_at DESC, create_at DESC, id DESC`

	insertSession = `INSERT INTO session (id, user_id, digest, create_at, expires_at, last_activity_at, device_id, address, user_agent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	rememberAddress = `INSERT INTO known_address (user_id, address, last_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, address) DO UPDATE SET last_at = excluded.last_at`
	clearSessions = `DELETE FROM session WHERE user_id = $1 AND expires_at <= $2`
	countSessions = `SELECT COUNT(*) FROM session WHERE user_id = $1 AND expires_at > $2`

	deleteSession    = `DELETE FROM session WHERE id = $1`
	deleteSessionsOf = `DELETE FROM session WHERE user_id = $1 AND id <> $2`
)

func scanSession(r row) (jeton.Session, error) {
	return jeton.Session{
		ID: r.text(0), UserID: r.text(1), CreateAt: r.int(2), ExpiresAt: r.int(3), LastActivityAt: r.int(4),
		DeviceID: r.text(5), Address: r.text(6), UserAgent: r.text(7),
	}, nil
}

// Session implements jeton.TxReader.
func (t *tx) Session(id string) (jeton.Session, error) {
	return find(t.ctx(), t, sessionByID, id, scanSession)
}

// SessionsOf implements jeton.SessionReader.
func (s *Store) SessionsOf(ctx context.Context, userID string) ([]jeton.Session, error) {
	if !storable(userID) {
		return []jeton.Session{}, nil
	}
	return list(ctx, s.lists, stmt(sessionsOf, userID), scanSession)
}

// AddSession implements jeton.SessionWriter.
func (t *tx) AddSession(s jeton.Session, d jeton.Digest, limit int) error {
	n, err := number(t.ctx(), t, stmt(countSessions, s.UserID, s.CreateAt))
	if err != nil {
		return err
	}
	if n >= int64(limit) {
		return jeton.ErrSessionsFull
	}
	err = t.send(stmt(clearSessions, s.UserID, s.CreateAt))
	if err == nil {
		err = t.send(stmt(insertSession, s.ID, s.UserID, d[:], s.CreateAt, s.ExpiresAt, s.LastActivityAt,
			s.DeviceID, s.Address, s.UserAgent))
	}
	if err == nil && s.Address != "" {
		err = t.send(stmt(rememberAddress, s.UserID, s.Address, s.CreateAt))
	}
	return err
}

// RemoveSession implements jeton.SessionWriter.
func (t *tx) RemoveSession(id string) error { return t.removeByID(deleteSession, id) }

// RemoveSessionsOf implements jeton.SessionWriter; there may be none.
func (t *tx) RemoveSessionsOf(userID, keep string) error {
	return t.send(stmt(deleteSessionsOf, userID, keep))
}
