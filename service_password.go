package jeton

import (
	"context"
	"slices"
)

// PasswordChange is what a caller asks for.
type PasswordChange struct {
	Current string // the present password: needed for one's own, unless New is a hash
	New     string
	Hashed  bool // New is a hash made elsewhere: only from who may set others' passwords
}

// SetPassword changes a password: one's own with the present one, another's with
// the permission and every permission that he holds. The user's other sessions
// end; his tokens stay.
func (s *Service) SetPassword(ctx context.Context, a Actor, id string, p PasswordChange) error {
	user, err := s.store.User(ctx, id)
	if err != nil && CodeOf(storeError(err, CodeUserNotFound, CodePasswordFailed)) != CodeUserNotFound {
		return storeError(err, "", CodePasswordFailed)
	}
	user.ID = id
	if err := s.maySetPassword(ctx, a, user, p); err != nil {
		return s.counted(a, UserPassword, err)
	}
	if user.CreateAt == 0 {
		return fail(CodeUserNotFound)
	}
	hash := p.New
	if !p.Hashed {
		if err := validatePassword(p.New); err != nil {
			return err
		}
		if hash, err = s.passwords.Hash(ctx, p.New); err != nil {
			return asError(err, CodePasswordFailed)
		}
	} else if !s.passwords.Readable(p.New) {
		return fail(CodePasswordHashForm)
	}
	return storeError(s.writePassword(ctx, a, user, hash), "", CodePasswordFailed)
}

// maySetPassword judges the change in the order of Mattermost's checks.
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
	case own && !p.Hashed:
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

// writePassword writes the hash, if nothing that was judged has changed since.
func (s *Service) writePassword(ctx context.Context, a Actor, judged User, hash string) error {
	return s.change(ctx, a, UserPassword, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		u, err := tx.User(ctx, judged.ID)
		if err != nil {
			return Event{}, storeError(err, CodeUserNotFound, CodePasswordFailed)
		}
		if err := a.permitOn(UserPassword, u.Owner()); err != nil {
			return Event{}, err
		}
		if u.PasswordHash != judged.PasswordHash {
			return Event{}, fail(CodePasswordIncorrect)
		}
		u.PasswordHash = hash
		u.UpdateAt = s.now()
		u.LastPasswordUpdate = u.UpdateAt
		if err := tx.SetUser(ctx, u); err != nil {
			return Event{}, err
		}
		keep := ""
		if u.ID == a.ID && a.Kind == KindSession {
			keep = a.ViaID
		}
		return Event{Target: u.ID, Detail: Detail{Owner: u.ID}}, tx.RemoveSessionsOf(ctx, u.ID, keep)
	})
}

// ResetPassword sets a user's password on the server's own machine. systemAdmin
// also makes him an active system administrator: the way back in.
func (s *Service) ResetPassword(ctx context.Context, username, password string, systemAdmin bool) error {
	if err := validatePassword(password); err != nil {
		return err
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return asError(err, CodePasswordFailed)
	}
	err = s.change(ctx, Local(), UserPassword, func(ctx context.Context, tx Tx, _ Actor) (Event, error) {
		u, err := tx.UserByName(ctx, username)
		if err != nil {
			return Event{}, err
		}
		if u.IsBot {
			return Event{}, failParam(CodeUserInvalid, "username") // a bot has no password
		}
		e := Event{Target: u.ID, Detail: Detail{Owner: u.ID}}
		u.PasswordHash = hash
		u.UpdateAt = s.now()
		u.LastPasswordUpdate = u.UpdateAt
		if systemAdmin {
			u.DeleteAt = 0
			e.Detail.Note = RoleSystemAdmin
			if !slices.Contains(u.Roles, RoleSystemAdmin) {
				u.Roles = append(u.Roles, RoleSystemAdmin)
			}
		}
		if err := tx.SetUser(ctx, u); err != nil {
			return Event{}, err
		}
		return e, tx.RemoveSessionsOf(ctx, u.ID, "")
	})
	return storeError(err, CodeUserByNameNotFound, CodePasswordFailed)
}

// Bootstrap makes the first administrator, if there is no user at all, and
// reports whether it did. The name is FirstAdmin.
func (s *Service) Bootstrap(ctx context.Context, password string) (User, bool, error) {
	if err := validatePassword(password); err != nil {
		return User{}, false, err
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return User{}, false, asError(err, CodeUserSaveFailed)
	}
	now := s.now()
	u := User{
		ID: NewID(s.clock(), s.random), Username: FirstAdmin, Email: FirstAdmin + "@localhost", Locale: defaultLocale,
		Roles: []string{RoleSystemUser, RoleSystemAdmin}, PasswordHash: hash,
		CreateAt: now, UpdateAt: now, LastPasswordUpdate: now,
	}
	made := false
	err = s.change(ctx, Local(), UserCreate, func(ctx context.Context, tx Tx, _ Actor) (Event, error) {
		any, err := tx.AnyUser(ctx)
		made = err == nil && !any
		if !made {
			return Event{}, err
		}
		return Event{Target: u.ID, Detail: Detail{Owner: u.ID, Note: RoleSystemAdmin}}, tx.AddUser(ctx, u)
	})
	return u, made && err == nil, storeError(err, "", CodeUserSaveFailed)
}

// FirstAdmin is the username of the administrator that an empty database gets.
const FirstAdmin = "admin"

const defaultLocale = "en"
