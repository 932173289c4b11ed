package jeton

import (
	"context"
	"slices"
	"strings"
)

// FirstAdmin is the username of the administrator that an empty database gets.
const FirstAdmin = "admin"

// Bootstrap adds the first administrator, FirstAdmin, when there is no user at all.
// When there is one it returns the zero User.
func (s *Service) Bootstrap(ctx context.Context, password string) (User, Receipt, error) {
	now := s.now()
	first := User{
		ID: NewID(s.clock(), s.random), Username: FirstAdmin, Email: FirstAdmin + "@localhost", Locale: defaultLocale,
		Roles:    []string{RoleSystemUser, RoleSystemAdmin},
		CreateAt: now, UpdateAt: now, LastPasswordUpdate: now,
	}
	var err error
	if first.PasswordHash, err = s.hash(ctx, Local(), first, password, CodeUserSaveFailed); err != nil {
		return User{}, Receipt{}, err
	}
	var added User
	receipt, err := s.change(ctx, Local(), UserCreate, func(tx Tx, _ Actor) (Event, error) {
		added = User{}
		found, err := tx.AnyUser()
		if err != nil {
			return Event{}, err
		}
		if found {
			return Event{}, ErrUnchanged
		}
		added = first
		return Event{Target: first.ID, Detail: Detail{Owner: first.ID, Note: RoleSystemAdmin, Changes: userChanges(User{}, first)}}, tx.AddUser(first)
	})
	if err != nil {
		return User{}, Receipt{}, storeError(err, "", CodeUserSaveFailed)
	}
	return added, receipt, nil
}

// ResetPassword sets a user's password by a command on the server's own machine.
// systemAdmin also makes the user an active system administrator, so that a server
// without one can be administered again.
func (s *Service) ResetPassword(ctx context.Context, username, password string, systemAdmin bool) (Receipt, error) {
	username = strings.ToLower(username)
	named, err := s.store.UserByName(ctx, username)
	if err != nil {
		return Receipt{}, storeError(err, CodeUserByNameNotFound, CodePasswordFailed)
	}
	hash, err := s.hash(ctx, Local(), named, password, CodePasswordFailed)
	if err != nil {
		return Receipt{}, err
	}
	receipt, err := s.change(ctx, Local(), UserPassword, func(tx Tx, _ Actor) (Event, error) {
		u, err := tx.UserByName(username)
		if err != nil {
			return Event{}, err
		}
		if u.IsBot {
			return Event{}, failParam(CodeUserInvalid, "username") // a bot has no password
		}
		before, e := u, Event{Target: u.ID, Detail: Detail{Owner: u.ID}}
		u.PasswordHash, u.FailedAttempts = hash, 0
		u.UpdateAt = s.now()
		u.LastPasswordUpdate = u.UpdateAt
		if systemAdmin {
			u.DeleteAt = 0
			e.Detail.Note = RoleSystemAdmin
			if !slices.Contains(u.Roles, RoleSystemAdmin) {
				u.Roles = append(slices.Clone(u.Roles), RoleSystemAdmin)
			}
		}
		e.Detail.Changes = userChanges(before, u)
		if err := tx.SetUser(u); err != nil {
			return Event{}, err
		}
		return e, tx.RemoveSessionsOf(u.ID, "")
	})
	return receipt, storeError(err, CodeUserByNameNotFound, CodePasswordFailed)
}
