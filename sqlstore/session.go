package sqlstore

import (
	"context"
	"slices"

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
	setActivity       = `UPDATE session SET last_activity_at = $2 WHERE id = $1 AND last_activity_at < $2`
	setDevice         = `UPDATE session SET device_id = $2 WHERE id = $1`
	deleteSession     = `DELETE FROM session WHERE id = $1`
	deleteSessions    = `DELETE FROM session WHERE id IN `
	deleteSessionsOf  = `DELETE FROM session WHERE user_id = $1 AND id <> $2`
	deleteAllSessions = `DELETE FROM session`
)

func scanSession(r row) (jeton.Session, error) {
	return jeton.Session{
		ID: r.text(0), UserID: r.text(1), CreateAt: r.int(2), ExpiresAt: r.int(3), LastActivityAt: r.int(4),
		DeviceID: r.text(5), Address: r.text(6), UserAgent: r.text(7),
	}, nil
}

// Session implements jeton.TxSessions.
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

// SessionsOf implements jeton.TxSessions.
func (t *tx) SessionsOf(userID string) ([]jeton.Session, error) {
	if !storable(userID) {
		return []jeton.Session{}, nil
	}
	return list(t.ctx(), t, stmt(sessionsOf, userID), scanSession)
}

// AddSession implements jeton.TxSessions.
func (t *tx) AddSession(s jeton.Session, d jeton.Digest) error {
	err := t.send(stmt(insertSession, s.ID, s.UserID, d[:], s.CreateAt, s.ExpiresAt, s.LastActivityAt,
		s.DeviceID, s.Address, s.UserAgent))
	if err == nil && s.Address != "" {
		err = t.send(stmt(rememberAddress, s.UserID, s.Address, s.CreateAt))
	}
	return err
}

// SetDevice implements jeton.TxSessions.
func (t *tx) SetDevice(id, deviceID string) error {
	if !storable(id) {
		return jeton.ErrNotFound
	}
	return mustTouch(t.exec(stmt(setDevice, id, deviceID)))
}

// SetActivity implements jeton.Writer.
func (s *Store) SetActivity(ctx context.Context, used []jeton.Activity) error {
	return s.committer.behind(ctx, func(ctx context.Context, w link) error {
		for _, u := range used {
			if !storable(u.SessionID) {
				continue
			}
			if err := w.queue(ctx, stmt(setActivity, u.SessionID, u.At)); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveSession implements jeton.TxSessions.
func (t *tx) RemoveSession(id string) error { return t.removeByID(deleteSession, id) }

// RemoveSessions implements jeton.TxSessions.
func (t *tx) RemoveSessions(ids []string) error {
	return eachIDs(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !storable(id) }), func(some []any) error {
		return t.send(ofIDs(some, deleteSessions+"("+marks(1, len(some))+")", some...))
	})
}

// RemoveAllSessions implements jeton.TxSessions, in one statement.
func (t *tx) RemoveAllSessions() (int64, error) { return t.exec(stmt(deleteAllSessions)) }

// RemoveSessionsOf implements jeton.TxSessions; there may be none.
func (t *tx) RemoveSessionsOf(userID, keep string) error {
	return t.send(stmt(deleteSessionsOf, userID, keep))
}
