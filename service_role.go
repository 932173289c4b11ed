package jeton

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
)

// Roles returns all roles, by name.
func (s *Service) Roles(ctx context.Context, a Actor) ([]Role, error) {
	if err := s.permit(a, RoleListAll); err != nil {
		return nil, err
	}
	roles, err := s.store.Roles(ctx)
	return roles, storeError(err, "", CodeRoleListFailed)
}

// Role returns a role by id.
func (s *Service) Role(ctx context.Context, a Actor, id string) (Role, error) {
	table, err := s.readRoles(ctx, a, CodeRoleGetFailed)
	if err != nil {
		return Role{}, err
	}
	if r, ok := table.byID(id); ok {
		return r, nil
	}
	return Role{}, fail(CodeRoleNotFound)
}

// RoleByName returns a role by name.
func (s *Service) RoleByName(ctx context.Context, a Actor, name string) (Role, error) {
	if !ValidRoleName(name) {
		return Role{}, failParam(CodeInvalidURL, "role_name")
	}
	table, err := s.readRoles(ctx, a, CodeRoleGetByNameFailed)
	if err != nil {
		return Role{}, err
	}
	if r, ok := table.Role(name); ok {
		return r, nil
	}
	return Role{}, fail(CodeRoleByNameNotFound)
}

// RolesByNames returns the named roles, by name. It leaves out names without a role.
func (s *Service) RolesByNames(ctx context.Context, a Actor, names []string) ([]Role, error) {
	asked := slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, n := range names {
			if n = strings.TrimSpace(n); n != "" && !yield(n) {
				return
			}
		}
	}))
	switch {
	case len(names) == 0:
		return nil, failParam(CodeInvalidBody, "rolenames")
	case len(names) > maxRoleNamesAsked:
		return nil, failParam(CodeRoleTooManyNames, strconv.Itoa(maxRoleNamesAsked))
	case slices.ContainsFunc(asked, func(n string) bool { return !ValidRoleName(n) }):
		return nil, failParam(CodeInvalidBody, "rolename")
	}
	table, err := s.readRoles(ctx, a, CodeRoleGetNamesFailed)
	if err != nil {
		return nil, err
	}
	roles := []Role{}
	for _, n := range asked {
		if r, ok := table.Role(n); ok {
			roles = append(roles, r)
		}
	}
	return roles, nil
}

func (s *Service) readRoles(ctx context.Context, a Actor, failed Code) (*RoleTable, error) {
	if err := s.permit(a, RoleRead); err != nil {
		return nil, err
	}
	table, err := s.directory.RoleTable(ctx)
	return table, storeError(err, "", failed)
}

// CreateRole creates a role of the organisation's own.
func (s *Service) CreateRole(ctx context.Context, a Actor, n NewRole) (Role, Receipt, error) {
	now := s.now()
	r := Role{
		ID: NewID(s.clock(), s.random), Name: n.Name, DisplayName: n.DisplayName, Description: n.Description,
		CreateAt: now, UpdateAt: now, Permissions: uniqueStrings(n.Permissions),
	}
	if r.DisplayName == "" {
		r.DisplayName = r.Name
	}
	receipt, err := s.change(ctx, a, RoleCreate, func(tx Tx, a Actor) (Event, error) {
		if err := a.permit(RoleCreate); err != nil {
			return Event{}, err
		}
		if err := cmp.Or(mayChangeProtected(nil, r.Permissions), mayAdd(a, nil, r.Permissions)); err != nil {
			return Event{}, err
		}
		if err := r.validate(); err != nil {
			return Event{}, err
		}
		return Event{Target: r.ID, Detail: Detail{Note: r.Name, Changes: roleChanges(Role{}, r)}}, tx.AddRole(r)
	})
	return r, receipt, storeError(err, "", CodeRoleSaveFailed)
}

// PatchRole gives a role exactly these permissions. They count for the next request of
// each user that has the role.
func (s *Service) PatchRole(ctx context.Context, a Actor, id string, permissions []string) (Role, Receipt, error) {
	var r Role
	receipt, err := s.change(ctx, a, RolePatch, aimedAt(id, "", func(tx Tx, a Actor) (Event, error) {
		var err error
		if r, err = roleByID(tx, id); err != nil {
			return Event{}, err
		}
		if err := mayPatch(a, r, permissions); err != nil {
			return Event{}, err
		}
		before := r
		r.Permissions = uniqueStrings(permissions)
		r.UpdateAt = s.now()
		if err := r.validate(); err != nil {
			return Event{}, err
		}
		return Event{Target: id, Detail: Detail{Note: r.Name, Changes: roleChanges(before, r)}}, tx.SetRole(r)
	}))
	return r, receipt, storeError(err, CodeRoleNotFound, CodeRoleSaveFailed)
}

// mayPatch checks in Mattermost's order, and then that the actor holds the permissions
// that it adds.
func mayPatch(a Actor, r Role, permissions []string) error {
	if err := a.permit(RolePatch); err != nil {
		return err
	}
	if slices.Contains(adminOnlyRoles, r.Name) && !a.Holds(PermManageSystem) {
		return fail(CodeForbidden)
	}
	if err := mayChangeProtected(r.Permissions, permissions); err != nil {
		return err
	}
	if r.Name == RoleSystemAdmin && !slices.Contains(permissions, PermWritePermissions) {
		return failParam(CodeRoleProtected, PermWritePermissions) // no role could then add it again
	}
	if !slices.Contains(commonRoles, r.Name) && !a.Holds(PermWriteSystemRoles) {
		return fail(CodeForbidden)
	}
	return mayAdd(a, r.Permissions, permissions)
}

// mayChangeProtected refuses to add or remove a protected permission.
func mayChangeProtected(before, after []string) error {
	for _, p := range protectedPermissions {
		if slices.Contains(before, p) != slices.Contains(after, p) {
			return failParam(CodeRoleProtected, p)
		}
	}
	return nil
}

// mayAdd refuses to add a permission that the actor does not hold.
func mayAdd(a Actor, before, after []string) error {
	added := slices.DeleteFunc(slices.Clone(after), func(p string) bool { return slices.Contains(before, p) })
	if !a.holdsAll(added) {
		return fail(CodeForbidden)
	}
	return nil
}

// DeleteRole removes a role of the organisation's own that no user has.
func (s *Service) DeleteRole(ctx context.Context, a Actor, id string) (Receipt, error) {
	receipt, err := s.change(ctx, a, RoleDelete, aimedAt(id, "", func(tx Tx, a Actor) (Event, error) {
		if err := a.permit(RoleDelete); err != nil {
			return Event{}, err
		}
		r, err := roleByID(tx, id)
		if err != nil {
			return Event{}, err
		}
		if r.BuiltIn {
			return Event{}, fail(CodeRoleBuiltIn)
		}
		if assigned, err := tx.RoleAssigned(r.Name); err != nil || assigned {
			return Event{}, cmp.Or(err, fail(CodeRoleAssigned))
		}
		return Event{Target: id, Detail: Detail{Note: r.Name, Changes: roleChanges(r, Role{})}}, tx.RemoveRole(id)
	}))
	return receipt, storeError(err, CodeRoleNotFound, CodeRoleSaveFailed)
}

func roleByID(tx Tx, id string) (Role, error) {
	table, err := tx.RoleTable()
	if err != nil {
		return Role{}, err
	}
	if r, ok := table.byID(id); ok {
		return r, nil
	}
	return Role{}, ErrNotFound
}
