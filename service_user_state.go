package jeton

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SetRoles gives a user exactly the roles of a space-separated list. The checks
// come in Mattermost's order; after them, nobody gives a permission that he lacks.
func (s *Service) SetRoles(ctx context.Context, a Actor, id, list string) error {
	roles := uniqueStrings(strings.Fields(list))
	if !validRoleList(roles) {
		return failParam(CodeInvalidBody, "roles")
	}
	err := s.change(ctx, a, UserRoles, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		u, err := target(ctx, tx, a, UserRoles, id)
		if CodeOf(err) == CodeUserNotFound {
			err = fail(CodeUserNotFoundForRole)
		}
		if err != nil {
			return Event{}, err
		}
		table, err := tx.RoleTable(ctx)
		if err != nil {
			return Event{}, err
		}
		if err := mayAssign(a, table, u, roles); err != nil {
			return Event{}, err
		}
		if err := keepsAnAdmin(ctx, tx, u, u.Active() && slices.Contains(roles, RoleSystemAdmin)); err != nil {
			return Event{}, err
		}
		u.Roles = roles
		u.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id, Note: strings.Join(u.Roles, " ")}}, tx.SetUser(ctx, u)
	})
	return storeError(err, "", CodeUserUpdateFailed)
}

// validRoleList refuses names that cannot be roles', and system_admin alone,
// which Mattermost takes for a mistake.
func validRoleList(roles []string) bool {
	if len(roles) == 1 && roles[0] == RoleSystemAdmin {
		return false
	}
	return !slices.ContainsFunc(roles, func(r string) bool { return !ValidRoleName(r) })
}

// mayAssign judges the roles that a user would have.
func mayAssign(a Actor, table *RoleTable, u User, roles []string) error {
	if len(strings.Join(roles, " ")) > maxRoles {
		return fail(CodeRolesLimit)
	}
	for _, name := range roles {
		role, ok := table.Role(name)
		if !ok {
			return failParam(CodeRoleNotAssignable, name)
		}
		if !slices.Contains(u.Roles, name) && !a.holdsAll(role.Permissions) {
			return fail(CodeForbidden)
		}
	}
	return nil
}

// keepsAnAdmin refuses what would leave the server without an active person who
// administers it.
func keepsAnAdmin(ctx context.Context, tx Tx, u User, stays bool) error {
	if stays || u.IsBot || !u.Active() || !slices.Contains(u.Roles, RoleSystemAdmin) {
		return nil
	}
	n, err := tx.ActiveAdmins(ctx)
	if err == nil && n < 2 {
		return fail(CodeLastAdmin)
	}
	return err
}

// SetActive activates or deactivates a user. Deactivated, his sessions are gone,
// his tokens rest, and his bots are disabled.
func (s *Service) SetActive(ctx context.Context, a Actor, id string, active bool) error {
	action := UserActivate
	if !active {
		action = UserDeactivate
	}
	err := s.change(ctx, a, action, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		if err := a.permit(action); CodeOf(err) == CodeForbidden && (id != a.ID || active) {
			return Event{}, fail(CodeUpdateActive)
		}
		if id == a.ID && !active {
			return Event{}, fail(CodeDeactivateSelf)
		}
		u, err := target(ctx, tx, a, action, id)
		if err != nil {
			return Event{}, err
		}
		return s.setActive(ctx, tx, u, active)
	})
	return storeError(err, "", CodeUserUpdateFailed)
}

// setActive is the change itself, for people and bots alike.
func (s *Service) setActive(ctx context.Context, tx Tx, u User, active bool) (Event, error) {
	if u.Active() == active {
		return Event{}, nil
	}
	if err := keepsAnAdmin(ctx, tx, u, active); err != nil {
		return Event{}, err
	}
	e := Event{Target: u.ID, Detail: Detail{Owner: u.ID}}
	u.UpdateAt = s.now()
	u.DeleteAt = 0
	if !active {
		u.DeleteAt = u.UpdateAt
		var err error
		if e.Detail.Also, err = tx.DisableBotsOf(ctx, u.ID, u.UpdateAt); err != nil {
			return Event{}, err
		}
		if len(e.Detail.Also) > 0 {
			e.Detail.Note = fmt.Sprintf("with %d bots", len(e.Detail.Also))
		}
		if err := tx.RemoveSessionsOf(ctx, u.ID, ""); err != nil {
			return Event{}, err
		}
	}
	return e, tx.SetUser(ctx, u)
}

// DeleteUser deactivates a user or, where the server allows it, removes him with
// his tokens and sessions.
func (s *Service) DeleteUser(ctx context.Context, a Actor, id string, permanent bool) error {
	err := s.change(ctx, a, UserDelete, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		u, err := target(ctx, tx, a, UserDelete, id)
		switch {
		case err != nil:
			return Event{}, err
		case id == a.ID && !a.Holds(PermManageSystem):
			return Event{}, fail(CodeDeactivateSelf)
		case permanent && !s.settings.UserDeletion:
			return Event{}, fail(CodeDeletionDisabled)
		}
		e, err := s.setActive(ctx, tx, u, false)
		if err != nil || !permanent {
			return e, err
		}
		e.Target, e.Detail.Owner = id, id
		e.Detail.Note = strings.TrimSpace("permanently " + e.Detail.Note)
		return e, tx.RemoveUser(ctx, id, s.now())
	})
	if errors.Is(err, ErrNotFound) {
		return fail(CodeUserNotFound)
	}
	return storeError(err, "", CodeUserUpdateFailed)
}
