package jeton

import (
	"context"
	"errors"
)

// PasswordChange is a new password that a caller asks to set.
type PasswordChange struct {
	Current string // the present password: needed for the actor's own
	New     string
	Hashed  bool // New is a hash made elsewhere: needs the permission to set other users' passwords, and no token
}

// SetPassword changes a password: the actor's own with the present one, that of
// another user with the permission and every permission of that user. It ends the
// user's other sessions, but no token.
func (s *Service) SetPassword(ctx context.Context, a Actor, id string, p PasswordChange) (Receipt, error) {
	user, err := s.store.User(ctx, id)
	missing := errors.Is(err, ErrNotFound)
	if err != nil && !missing {
		return Receipt{}, storeError(err, "", CodePasswordFailed)
	}
	user.ID = id
	if err := s.maySetPassword(ctx, a, user, p); err != nil {
		return Receipt{}, s.counted(a, UserPassword, aim(err, "", id))
	}
	if missing {
		return Receipt{}, fail(CodeUserNotFound)
	}
	hash, err := s.newHash(ctx, a, user, p)
	if err != nil {
		return Receipt{}, err
	}
	receipt, err := s.writePassword(ctx, a, user, hash)
	return receipt, storeError(err, "", CodePasswordFailed)
}

// newHash returns the hash that is to be stored.
func (s *Service) newHash(ctx context.Context, a Actor, user User, p PasswordChange) (string, error) {
	if !p.Hashed {
		return s.hash(ctx, a, user, p.New, CodePasswordFailed)
	}
	if !s.passwords.Acceptable(p.New) {
		return "", fail(CodePasswordHashForm)
	}
	return p.New, nil
}

// hash checks a new password of a user and hashes it, for an actor. Every new password comes
// this way.
func (s *Service) hash(ctx context.Context, a Actor, user User, password string, failed Code) (string, error) {
	if err := checkNewPassword(password, user); err != nil {
		return "", err
	}
	hash, err := s.passwords.Hash(s.withOrigin(ctx, a.Network, a.ID != ""), password)
	if err != nil {
		return "", withCode(err, failed)
	}
	return hash, nil
}

// maySetPassword checks the change in Mattermost's order. Unlike there, the actor's own
// password always takes the present one, and no token sets a hash: a stolen token that ends
// must not become a password that stays.
func (s *Service) maySetPassword(ctx context.Context, a Actor, user User, p PasswordChange) error {
	own := user.ID == a.ID
	allowed := a.permitOn(UserPassword, user.Owner())
	switch {
	case a.Narrowed() && allowed != nil:
		return allowed
	case p.Hashed && !a.Holds(PermWriteUsers):
		if own {
			return fail(CodePasswordHashed)
		}
		return fail(CodePasswordOther)
	case p.Hashed && a.Kind == KindToken:
		return fail(CodePasswordHashToken)
	case own:
		return s.mayChangeOwnPassword(ctx, a, user, p.Current)
	case !a.Holds(PermWriteUsers):
		return fail(CodePasswordOther)
	}
	return allowed
}

func (s *Service) mayChangeOwnPassword(ctx context.Context, a Actor, user User, current string) error {
	if current == "" {
		return failParam(CodeInvalidBody, "current_password")
	}
	right, err := s.checkOwnPassword(ctx, a, user, current, UserPassword, CodePasswordFailed)
	if err == nil && !right {
		return fail(CodePasswordIncorrect)
	}
	return err
}

// writePassword writes the hash, unless the password has changed since it was checked.
func (s *Service) writePassword(ctx context.Context, a Actor, checked User, hash string) (Receipt, error) {
	return s.change(ctx, a, UserPassword, func(tx Tx, a Actor) (Event, error) {
		u, err := tx.User(checked.ID)
		if err != nil {
			return Event{}, storeError(err, CodeUserNotFound, CodePasswordFailed)
		}
		if err := a.permitOn(UserPassword, u.Owner()); err != nil {
			return Event{}, err
		}
		if u.PasswordHash != checked.PasswordHash {
			return Event{}, fail(CodePasswordIncorrect)
		}
		u.PasswordHash, u.FailedAttempts = hash, 0
		u.UpdateAt = s.now()
		u.LastPasswordUpdate = u.UpdateAt
		if err := tx.SetUser(u); err != nil {
			return Event{}, err
		}
		keep := ""
		if u.ID == a.ID && a.Kind == KindSession {
			keep = a.ViaID
		}
		return Event{Target: u.ID, Detail: Detail{Owner: u.ID, Changes: changedSecret("password")}}, tx.RemoveSessionsOf(u.ID, keep)
	})
}
