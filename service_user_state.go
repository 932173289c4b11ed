package jeton

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SetRoles gives a user exactly the roles of a space-separated list. It checks in
// Mattermost's order, and then that the actor holds the permissions that it gives.
func (s *Service) SetRoles(ctx context.Context, a Actor, id, list string) (Receipt, error) {
	roles := uniqueStrings(strings.Fields(list))
	if err := validateRoleList(roles); err != nil {
		return Receipt{}, err
	}
	receipt, err := s.change(ctx, a, UserRoles, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		u, err := targetUser(tx, a, UserRoles, id)
		if CodeOf(err) == CodeUserNotFound {
			err = fail(CodeUserNotFoundForRole)
		}
		if err != nil {
			return Event{}, err
		}
		table, err := tx.RoleTable()
		if err != nil {
			return Event{}, err
		}
		if err := mayAssign(a, table, u, roles); err != nil {
			return Event{}, err
		}
		if err := keepsAnAdmin(tx, u, u.Active() && slices.Contains(roles, RoleSystemAdmin)); err != nil {
			return Event{}, err
		}
		before := u
		u.Roles = roles
		u.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id, Note: strings.Join(u.Roles, " "), Changes: userChanges(before, u)}}, tx.SetUser(u)
	}))
	return receipt, storeError(err, "", CodeUserUpdateFailed)
}

// validateRoleList refuses names that are not well-formed, and system_admin alone, which
// Mattermost treats as a mistake.
func validateRoleList(roles []string) error {
	at := slices.IndexFunc(roles, func(r string) bool { return !ValidRoleName(r) })
	if at < 0 && len(roles) == 1 && roles[0] == RoleSystemAdmin {
		at = 0
	}
	if at < 0 {
		return nil
	}
	return failValue(CodeInvalidBody, "roles", roles[at])
}

// mayAssign checks the roles that the user would have.
func mayAssign(a Actor, table *RoleTable, u User, roles []string) error {
	if len(strings.Join(roles, " ")) > maxRoles {
		return fail(CodeRolesLimit)
	}
	for _, name := range roles {
		role, ok := table.Role(name)
		if !ok {
			return failValue(CodeRoleNotAssignable, "", name)
		}
		if !slices.Contains(u.Roles, name) && !a.holdsAll(role.Permissions) {
			return fail(CodeForbidden)
		}
	}
	return nil
}

// keepsAnAdmin refuses a change that would leave the server without an active person
// that is a system administrator. stays: the user is one after the change.
func keepsAnAdmin(tx Tx, u User, stays bool) error {
	if stays || u.IsBot || !u.Active() || !slices.Contains(u.Roles, RoleSystemAdmin) {
		return nil
	}
	n, err := tx.ActiveAdmins()
	if err == nil && n < 2 {
		return fail(CodeLastAdmin)
	}
	return err
}

// SetActive activates or deactivates a user. Deactivation removes the user's sessions,
// disables the user's bots, and makes the user's tokens unusable until activation.
func (s *Service) SetActive(ctx context.Context, a Actor, id string, active bool) (Receipt, error) {
	action := UserActivate
	if !active {
		action = UserDeactivate
	}
	receipt, err := s.change(ctx, a, action, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		if err := a.permit(action); CodeOf(err) == CodeForbidden && (id != a.ID || active) {
			return Event{}, fail(CodeUpdateActive)
		}
		if id == a.ID && !active {
			return Event{}, fail(CodeDeactivateSelf)
		}
		u, err := targetUser(tx, a, action, id)
		if err != nil {
			return Event{}, err
		}
		return s.setActive(tx, u, active)
	}))
	return receipt, storeError(err, "", CodeUserUpdateFailed)
}

// setActive writes the state of a user, person or bot, and returns the event.
func (s *Service) setActive(tx Tx, u User, active bool) (Event, error) {
	if u.Active() == active {
		return Event{}, ErrUnchanged
	}
	if err := keepsAnAdmin(tx, u, active); err != nil {
		return Event{}, err
	}
	before, e := u, Event{Target: u.ID, Detail: Detail{Owner: u.ID}}
	u.UpdateAt = s.now()
	u.DeleteAt = 0
	if !active {
		u.DeleteAt = u.UpdateAt
		var err error
		if e.Detail.Also, err = tx.DisableBotsOf(u.ID, u.UpdateAt); err != nil {
			return Event{}, err
		}
		if len(e.Detail.Also) > 0 {
			e.Detail.Note = fmt.Sprintf("with %d bots", len(e.Detail.Also))
		}
		if err := tx.RemoveSessionsOf(u.ID, ""); err != nil {
			return Event{}, err
		}
	}
	e.Detail.Changes = userChanges(before, u)
	return e, tx.SetUser(u)
}

// DeleteUser deactivates a user. permanent removes the user with all tokens and
// sessions, where the settings allow that.
func (s *Service) DeleteUser(ctx context.Context, a Actor, id string, permanent bool) (Receipt, error) {
	receipt, err := s.change(ctx, a, UserDelete, func(tx Tx, a Actor) (Event, error) {
		u, err := targetUser(tx, a, UserDelete, id)
		switch {
		case err != nil:
			return Event{}, err
		case id == a.ID && !a.Holds(PermManageSystem):
			return Event{}, fail(CodeDeactivateSelf)
		case permanent && !s.settings.UserDeletion:
			return Event{}, fail(CodeDeletionDisabled)
		}
		e, err := s.setActive(tx, u, false)
		if !permanent || err != nil && !errors.Is(err, ErrUnchanged) {
			return e, err
		}
		e.Target, e.Detail.Owner = id, id // setActive returns no event when the user is inactive already
		e.Detail.Note = strings.TrimSpace("permanently " + e.Detail.Note)
		e.Detail.Changes = append(e.Detail.Changes, userChanges(u, User{})...)
		return e, tx.RemoveUser(id, s.now())
	})
	return receipt, storeError(err, CodeUserNotFound, CodeUserUpdateFailed)
}
