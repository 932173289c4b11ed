package jeton

import (
	"context"
	"slices"
)

// NewPerson is what a bot gets when it becomes a person.
type NewPerson struct {
	Patch       UserPatch // its Password is not used
	Password    string    // needed: a person logs in with it
	SystemAdmin bool      // the person also gets the role system_admin
}

// ConvertToBot makes a person a bot that is its own owner, as Mattermost does. The
// password is removed and the sessions end. Roles, e-mail address and tokens stay.
func (s *Service) ConvertToBot(ctx context.Context, a Actor, id string) (User, Receipt, error) {
	var u User
	receipt, err := s.change(ctx, a, UserToBot, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		before, err := targetUser(tx, a, UserToBot, id)
		if err != nil {
			return Event{}, err
		}
		if before.IsBot {
			return Event{}, fail(CodeBotAlready)
		}
		if err := keepsAnAdmin(tx, before, false); err != nil {
			return Event{}, err
		}
		u = before
		u.IsBot, u.BotOwnerID, u.PasswordHash = true, id, ""
		u.UpdateAt = s.now()
		u.LastPasswordUpdate = u.UpdateAt
		if err := tx.SetUser(u); err != nil {
			return Event{}, err
		}
		return Event{Target: id, Detail: Detail{Owner: id, Changes: userChanges(before, u)}}, tx.RemoveSessionsOf(id, "")
	}))
	return u, receipt, storeError(err, "", CodeBotSaveFailed)
}

// ConvertToUser makes an enabled bot a person who logs in with a password, under the
// rules for new ones. Roles and tokens stay; the bot's owner has no more rights over it.
func (s *Service) ConvertToUser(ctx context.Context, a Actor, id string, n NewPerson) (User, Receipt, error) {
	none := func(err error) (User, Receipt, error) { return User{}, Receipt{}, err }
	if n.Password == "" {
		return none(failParam(CodeInvalidBody, "userPatch"))
	}
	if err := s.permitAimed(a, BotToUser, "", id); err != nil {
		return none(err) // before the password is hashed
	}
	b, err := s.store.User(ctx, id)
	var p User
	if err == nil {
		p, err = n.person(b, "")
	}
	if err != nil {
		return none(storeError(err, CodeBotNotFound, CodeBotGetFailed))
	}
	hash, err := s.hash(ctx, a, p, n.Password, CodePasswordFailed)
	if err != nil {
		return none(err)
	}
	var u User
	receipt, err := s.change(ctx, a, BotToUser, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		var e Event
		var err error
		u, e, err = s.convertToUser(tx, a, id, n, hash)
		return e, err
	}))
	return u, receipt, storeError(err, CodeBotNotFound, CodeUserUpdateFailed)
}

// convertToUser is the change of ConvertToUser.
func (s *Service) convertToUser(tx Tx, a Actor, id string, n NewPerson, hash string) (User, Event, error) {
	b, err := tx.User(id)
	if err != nil {
		return User{}, Event{}, err
	}
	if err := a.permitOn(BotToUser, b.Owner()); err != nil {
		return User{}, Event{}, err
	}
	u, err := n.person(b, hash)
	if err != nil {
		return User{}, Event{}, err
	}
	if n.SystemAdmin && !slices.Contains(b.Roles, RoleSystemAdmin) {
		u.Roles = append(slices.Clone(b.Roles), RoleSystemAdmin)
		if err := mayGiveRoles(tx, a, b, u.Roles); err != nil {
			return User{}, Event{}, err
		}
	}
	u.UpdateAt = s.now()
	u.LastPasswordUpdate = u.UpdateAt
	return u, Event{Target: id, Detail: Detail{Owner: id, Changes: userChanges(b, u)}}, tx.SetUser(u)
}

// person returns the person that a bot becomes: ErrNotFound if b is no enabled bot, or
// the error of a field.
func (n NewPerson) person(b User, hash string) (User, error) {
	if !b.IsBot || !b.Active() {
		return User{}, ErrNotFound
	}
	email := b.Email
	n.Patch.apply(&b)
	b.EmailVerified, b.FailedAttempts = b.EmailVerified && b.Email == email, 0
	b.IsBot, b.BotOwnerID, b.BotDescription, b.PasswordHash = false, "", "", hash
	return b, b.validate()
}

// mayGiveRoles checks what SetRoles checks of the actor and the roles.
func mayGiveRoles(tx Tx, a Actor, u User, roles []string) error {
	if err := a.permitOn(UserRoles, u.Owner()); err != nil {
		return err
	}
	table, err := tx.RoleTable()
	if err != nil {
		return err
	}
	return mayAssign(a, table, u, roles)
}

// PromoteGuest gives a guest the role system_user in place of system_guest. The actor
// must hold what system_user adds.
func (s *Service) PromoteGuest(ctx context.Context, a Actor, id string) (Receipt, error) {
	receipt, err := s.change(ctx, a, UserPromote, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		u, err := targetUser(tx, a, UserPromote, id)
		if err != nil {
			return Event{}, err
		}
		at := slices.Index(u.Roles, roleSystemGuest)
		if at < 0 {
			return Event{}, fail(CodeGuestNot)
		}
		before := u
		u.Roles = slices.Clone(u.Roles)
		u.Roles[at] = RoleSystemUser
		u.Roles = uniqueStrings(u.Roles)
		table, err := tx.RoleTable()
		if err != nil {
			return Event{}, err
		}
		if err := mayAssign(a, table, before, u.Roles); err != nil {
			return Event{}, err
		}
		u.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id, Changes: userChanges(before, u)}}, tx.SetUser(u)
	}))
	return receipt, storeError(err, "", CodeUserUpdateFailed)
}

// DemoteToGuest refuses to make a user a guest. Mattermost does so without a licence, for
// every actor and every user, known or not. SetRoles can give the role system_guest.
func (s *Service) DemoteToGuest(a Actor) error {
	if err := s.permit(a, UserDemote); err != nil {
		return err
	}
	return fail(CodeGuestsOff)
}
