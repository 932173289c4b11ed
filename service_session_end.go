package jeton

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// everySession is the target of the event that ends the sessions of all users.
const everySession = "every"

// RevokeEverySession ends the sessions of all users, the actor's own too, but no token.
func (s *Service) RevokeEverySession(ctx context.Context, a Actor) (Receipt, error) {
	receipt, err := s.change(ctx, a, SessionsRevokeEvery, func(tx Tx, a Actor) (Event, error) {
		if err := a.permit(SessionsRevokeEvery); err != nil {
			return Event{}, err
		}
		n, err := tx.RemoveAllSessions()
		// An event without an owner is for every cached credential.
		return Event{Target: everySession, Detail: Detail{Note: fmt.Sprintf("%d sessions", n)}}, err
	})
	return receipt, storeError(err, "", CodeSessionEndFailed)
}

// AttachDevice writes the device of the actor's session, and ends the actor's other
// sessions of the same device. The end of the session stays as it is. For an actor that
// came by a token, which has no session, and for an empty device it does nothing, and the
// receipt is zero.
func (s *Service) AttachDevice(ctx context.Context, a Actor, device string) (Receipt, error) {
	if err := s.permitOn(a, SessionDevice, a.Owner); err != nil {
		return Receipt{}, err
	}
	if len(device) > MaxDeviceID || !validText(device) {
		return Receipt{}, failParam(CodeInvalidBody, "device_id")
	}
	if a.Kind != KindSession || device == "" {
		return Receipt{}, nil
	}
	receipt, err := s.change(ctx, a, SessionDevice, func(tx Tx, a Actor) (Event, error) {
		all, err := tx.SessionsOf(a.ID)
		if err != nil {
			return Event{}, err
		}
		attached, others := false, []string{}
		for _, x := range all {
			switch {
			case x.DeviceID != device:
			case x.ID == a.ViaID:
				attached = true
			default:
				others = append(others, x.ID)
			}
		}
		if attached && len(others) == 0 {
			return Event{}, ErrUnchanged
		}
		if err := tx.RemoveSessions(others); err != nil {
			return Event{}, err
		}
		d := Detail{Owner: a.ID, Note: endedNote(others), Changes: changedSecret("device_id")} // of a phone it is the key to push messages
		return Event{Target: a.ViaID, Detail: d}, tx.SetDevice(a.ViaID, device)
	})
	return receipt, storeError(err, CodeUnauthenticated, CodeSessionEndFailed)
}

// presentedSession returns the session of the secret that a log-in came with, or the zero
// Credential if there is none. A token is no session: it stays.
func (s *Service) presentedSession(ctx context.Context, secret string) (Credential, error) {
	d, kind := s.settings.Secrets.Parse(secret)
	if kind == KindNone || kind == KindToken {
		return Credential{}, nil
	}
	c, err := s.store.Credential(ctx, d, kind)
	if errors.Is(err, ErrNotFound) || err == nil && c.Kind != KindSession {
		return Credential{}, nil
	}
	return c, storeError(err, "", CodeLogInFailed)
}

// endReplaced ends, in the change that adds a session, the sessions that it takes the
// place of: that of the request, also if it is another user's, and those of the same
// device. It names them in the event. It removes sessions that are over, and returns
// those that are too many, the newest first.
func (s *Service) endReplaced(tx Tx, added Session, presented Credential, e *Event) (oldest []string, err error) {
	all, err := tx.SessionsOf(added.UserID)
	if err != nil {
		return nil, err
	}
	over, replaced, oldest := makeRoom(all, added.DeviceID, added.CreateAt, s.settings.SessionIdle)
	if presented.ID != "" && !slices.Contains(over, presented.ID) && !slices.Contains(replaced, presented.ID) {
		switch _, err := tx.Session(presented.ID); {
		case errors.Is(err, ErrNotFound): // it ended since it was looked up
		case err != nil:
			return nil, err
		default:
			replaced = append(replaced, presented.ID)
		}
		if presented.Owner.ID != added.UserID {
			e.Detail.Also = []string{presented.Owner.ID}
		}
	}
	e.Detail.Note = endedNote(replaced)
	return oldest, tx.RemoveSessions(append(over, replaced...))
}

// endedNote names the sessions that an event ended beside its target.
func endedNote(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "ended " + strings.Join(ids, " ")
}

// endOldest ends the sessions that are too many, each with its event. A failure leaves
// them to the next log-in.
func (s *Service) endOldest(ctx context.Context, self Actor, ids []string) {
	for _, id := range ids {
		_, err := s.write(ctx, self, SessionEnd, Prefetch{}, func(tx Tx) (Event, error) {
			err := tx.RemoveSession(id)
			if errors.Is(err, ErrNotFound) {
				err = ErrUnchanged // another log-in ended it
			}
			return Event{Target: id, Detail: Detail{Owner: self.ID, Note: "the user has newer sessions"}}, err
		})
		if err != nil {
			return
		}
	}
}
