package jeton

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// maxSessions is the most sessions of one user. A log-in beyond it ends the oldest.
const maxSessions = 100

// pushedOut is the note in the journal for a session that ended for a newer one.
const pushedOut = "pushed out by a newer log-in"

// sessionTries is how often a log-in makes room: log-ins at the same time may take it.
const sessionTries = 20

// addSession creates a session. For a user who has as many as allowed it first ends the
// oldest: a change of its own, so that each end has its event.
func (s *Service) addSession(ctx context.Context, user User, in LogIn) (CreatedSession, Receipt, error) {
	for range sessionTries {
		created, receipt, err := s.createSession(ctx, user, in)
		if !errors.Is(err, ErrSessionsFull) {
			return created, receipt, err
		}
		if err := s.endOldestSession(ctx, user, in); err != nil {
			return CreatedSession{}, Receipt{}, err
		}
	}
	return CreatedSession{}, Receipt{}, &Error{Code: CodeLogInFailed, RetryAfter: time.Second, Err: ErrSessionsFull}
}

// endOldestSession ends the session of a user that was created first, in the name of the
// user who logs in.
func (s *Service) endOldestSession(ctx context.Context, user User, in LogIn) error {
	sessions, err := s.store.SessionsOf(ctx, user.ID)
	if err != nil || len(sessions) < maxSessions {
		return err // another log-in made room
	}
	oldest := slices.MinFunc(sessions, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.CreateAt, b.CreateAt), cmp.Compare(a.ID, b.ID))
	})
	self := Actor{Owner: user.Owner(), Address: in.Address}
	_, err = s.write(ctx, self, SessionEnd, Prefetch{}, func(tx Tx) (Event, error) {
		if err := tx.RemoveSession(oldest.ID); err != nil {
			return Event{}, err
		}
		return Event{Target: oldest.ID, Detail: Detail{Owner: user.ID, Note: pushedOut}}, nil
	})
	if errors.Is(err, ErrNotFound) {
		return nil // another log-in ended it
	}
	return err
}
