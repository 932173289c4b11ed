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
	// The new session stays even where the clock went back.
	trimSessions = `DELETE FROM session WHERE user_id = $1 AND id <> $2 AND (expires_at <= $3 OR id NOT IN (
			SELECT o.id FROM session o WHERE o.user_id = $1 AND o.id <> $2 AND o.expires_at > $3
			ORDER BY o.create_at DESC, o.id DESC LIMIT $4))`
	deleteSession    = `DELETE FROM session WHERE id = $1`
	deleteSessionsOf = `DELETE FROM session WHERE user_id = $1 AND id <> $2`
)

func scanSession(r row) (jeton.Session, error) {
	var s jeton.Session
	err := r.Scan(&s.ID, &s.UserID, &s.CreateAt, &s.ExpiresAt, &s.LastActivityAt, &s.DeviceID, &s.Address, &s.UserAgent)
	return s, err
}

// Session implements jeton.SessionReader.
func (r *reader) Session(ctx context.Context, id string) (jeton.Session, error) {
	return findOne(ctx, r.src, sessionByID, id, scanSession)
}

// SessionsOf implements jeton.SessionReader.
func (r *reader) SessionsOf(ctx context.Context, userID string) ([]jeton.Session, error) {
	if !findable(userID) {
		return []jeton.Session{}, nil
	}
	return list(ctx, r.src, sessionsOf, []any{userID}, scanSession)
}

// AddSession implements jeton.SessionWriter; the new one is among the kept.
func (t *tx) AddSession(ctx context.Context, s jeton.Session, d jeton.Digest, keep int) error {
	err := t.send(ctx, insertSession, s.ID, s.UserID, d[:], s.CreateAt, s.ExpiresAt, s.LastActivityAt,
		s.DeviceID, s.Address, s.UserAgent)
	if err == nil && s.Address != "" {
		err = t.send(ctx, rememberAddress, s.UserID, s.Address, s.CreateAt)
	}
	if err == nil {
		err = t.send(ctx, trimSessions, s.UserID, s.ID, s.CreateAt, max(keep-1, 0))
	}
	return err
}

// RemoveSession implements jeton.SessionWriter.
func (t *tx) RemoveSession(ctx context.Context, id string) error {
	return t.removeByID(ctx, deleteSession, id)
}

// RemoveSessionsOf implements jeton.SessionWriter; there may be none.
func (t *tx) RemoveSessionsOf(ctx context.Context, userID, keep string) error {
	return t.send(ctx, deleteSessionsOf, userID, keep)
}
