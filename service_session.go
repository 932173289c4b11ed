package jeton

import (
	"context"
	"slices"
)

func (s *Service) createSession(ctx context.Context, user User, in LogIn) (CreatedSession, Receipt, error) {
	secret, d := s.settings.Secrets.NewSession(s.random)
	now := s.clock()
	session := Session{
		ID: NewID(now, s.random), UserID: user.ID, CreateAt: now.UnixMilli(), LastActivityAt: now.UnixMilli(),
		ExpiresAt: now.Add(s.settings.SessionLength).UnixMilli(),
		DeviceID:  truncate(in.DeviceID, MaxDeviceID), Address: in.Network, UserAgent: truncate(in.UserAgent, MaxUserAgent),
	}
	presented, err := s.presentedSession(ctx, in.Presented)
	if err != nil {
		return CreatedSession{}, Receipt{}, err
	}
	self := Actor{Owner: user.Owner(), Kind: KindSession, ViaID: session.ID, Address: in.Address}
	var oldest []string
	receipt, err := s.write(ctx, self, SessionCreate, Prefetch{}, func(tx Tx) (Event, error) {
		u, err := tx.User(user.ID)
		if err != nil {
			return Event{}, err
		}
		switch {
		case !u.Active():
			return Event{}, fail(CodeBadCredentials)
		case u.PasswordHash != user.PasswordHash:
			return Event{}, &Error{Code: CodeBadCredentials, Err: errHashChanged}
		}
		e := Event{Target: session.ID, Detail: Detail{Owner: user.ID}}
		if oldest, err = s.endReplaced(tx, session, presented, &e); err != nil {
			return Event{}, err
		}
		if in.newHash != "" {
			e.Detail.Note = joinNotes(e.Detail.Note, noteHashMadeAnew)
		}
		if err := tx.SetLogIn(user.ID, session.CreateAt, in.newHash); err != nil {
			return Event{}, err
		}
		return e, tx.AddSession(session, d)
	})
	if err == nil {
		s.endOldest(ctx, self, oldest)
	}
	return CreatedSession{User: user, Session: session, Secret: secret}, receipt, err
}

// LogOut ends the actor's session. For an actor without a session it does nothing, and
// the receipt is zero.
func (s *Service) LogOut(ctx context.Context, a Actor) (Receipt, error) {
	if a.Kind != KindSession {
		return Receipt{}, nil
	}
	receipt, err := s.change(ctx, a, SessionEnd, func(tx Tx, a Actor) (Event, error) {
		return Event{Target: a.ViaID, Detail: Detail{Owner: a.ID}}, tx.RemoveSession(a.ViaID)
	})
	if CodeOf(err) == CodeUnauthenticated {
		return Receipt{}, nil // the session had ended already
	}
	return receipt, storeError(err, "", CodeSessionEndFailed)
}

// SessionsOf returns a user's sessions that are not over, the most recently active first, and the user.
func (s *Service) SessionsOf(ctx context.Context, a Actor, userID string) (Owner, []Session, error) {
	owner, err := s.owner(ctx, a, userID, CodeSessionListFailed)
	if err != nil {
		return owner, nil, err
	}
	if err := s.permitOn(a, SessionList, owner); err != nil {
		return owner, nil, err
	}
	sessions, err := list(ctx, s, a, func() ([]Session, error) { return s.store.SessionsOf(ctx, userID) })
	now := s.now()
	sessions = slices.DeleteFunc(sessions, func(x Session) bool { return x.ID != a.ViaID && x.over(now, s.settings.SessionIdle) })
	return owner, sessions, storeError(err, "", CodeSessionListFailed)
}

// RevokeSession ends one session of a user.
func (s *Service) RevokeSession(ctx context.Context, a Actor, userID, sessionID string) (Receipt, error) {
	receipt, err := s.change(ctx, a, SessionRevoke, aimedAt(sessionID, userID, func(tx Tx, a Actor) (Event, error) {
		if err := a.permitOn(SessionRevoke, Owner{ID: userID}); err != nil {
			return Event{}, err
		}
		if sessionID == "" {
			return Event{}, failParam(CodeInvalidBody, "session_id")
		}
		session, err := tx.Session(sessionID)
		if err != nil {
			return Event{}, err
		}
		if session.UserID != userID {
			return Event{}, failParam(CodeInvalidURL, "user_id")
		}
		return Event{Target: sessionID, Detail: Detail{Owner: userID}}, tx.RemoveSession(sessionID)
	}))
	return receipt, storeError(err, CodeSessionNotFound, CodeSessionEndFailed)
}

// RevokeSessions ends all sessions of a user, but no token.
func (s *Service) RevokeSessions(ctx context.Context, a Actor, userID string) (Receipt, error) {
	receipt, err := s.change(ctx, a, SessionsRevoke, func(tx Tx, a Actor) (Event, error) {
		if err := a.permitOn(SessionsRevoke, Owner{ID: userID}); err != nil {
			return Event{}, err
		}
		return Event{Target: userID, Detail: Detail{Owner: userID}}, tx.RemoveSessionsOf(userID, "")
	})
	return receipt, storeError(err, "", CodeSessionEndFailed)
}
