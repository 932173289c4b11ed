package jeton

import (
	"cmp"
	"context"
	"fmt"
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
		return Role{}, failValue(CodeInvalidURL, "role_name", name)
	}
	table, err := s.readRoles(ctx, a, CodeRoleGetByNameFailed)
	if err != nil {
		return Role{}, err
	}
	if r, ok := table.Role(name); ok {
		return r, nil
	}
	return Role{}, failValue(CodeRoleByNameNotFound, "", name)
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
	}
	if at := slices.IndexFunc(asked, func(n string) bool { return !ValidRoleName(n) }); at >= 0 {
		return nil, failValue(CodeInvalidBody, "rolename", asked[at])
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
		if len(r.Permissions) > maxRolePermissions { // first: what follows takes longer with each
			return Event{}, failParam(CodeListTooLong, strconv.Itoa(maxRolePermissions))
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

// PatchRole gives a role exactly these permissions, without those of Mattermost that mean
// nothing here. They count for the next request of each user that has the role.
func (s *Service) PatchRole(ctx context.Context, a Actor, id string, permissions []string) (PatchedRole, Receipt, error) {
	kept, ignored := splitForeign(permissions)
	r := PatchedRole{Ignored: ignored}
	receipt, err := s.change(ctx, a, RolePatch, aimedAt(id, "", func(tx Tx, a Actor) (Event, error) {
		var err error
		if r.Role, err = roleByID(tx, id); err != nil {
			return Event{}, err
		}
		before := r.Role
		if err := mayPatch(a, before, kept, ignored); err != nil {
			return Event{}, err
		}
		r.Permissions = kept
		r.UpdateAt = s.now()
		if err := r.validate(); err != nil {
			return Event{}, err
		}
		return Event{Target: id, Detail: patchDetail(before, r)}, tx.SetRole(r.Role)
	}))
	return r, receipt, storeError(err, CodeRoleNotFound, CodeRoleSaveFailed)
}

// patchDetail says for the journal what a patch changed, and what it left out.
func patchDetail(before Role, r PatchedRole) Detail {
	d := Detail{Note: r.Name, Changes: roleChanges(before, r.Role)}
	if n := len(r.Ignored); n > 0 {
		d.Note += fmt.Sprintf(", without %d permissions of Mattermost: %s", n, truncate(strings.Join(r.Ignored, " "), maxIgnoredNote))
	}
	return d
}

// mayPatch checks in Mattermost's order, and then that the actor holds the permissions
// that it adds. ignored are the permissions that the patch names and the role will not hold.
func mayPatch(a Actor, r Role, permissions, ignored []string) error {
	if err := a.permit(RolePatch); err != nil {
		return err
	}
	if len(permissions)+len(ignored) > maxRolePermissions { // first: what follows takes longer with each
		return failParam(CodeListTooLong, strconv.Itoa(maxRolePermissions))
	}
	if slices.Contains(adminOnlyRoles, r.Name) && !a.Holds(PermManageSystem) {
		return fail(CodeForbidden)
	}
	if r.Name == roleSystemGuest && !narrows(r.Permissions, permissions) {
		return fail(CodeGuestRoleOff)
	}
	if err := mayChangeProtected(r.Permissions, permissions); err != nil {
		return err
	}
	if r.Name != RoleSystemAdmin { // whose permissions in Mattermost are all that there are
		if err := mayChangeProtected(nil, ignored); err != nil {
			return err
		}
	} else if !slices.Contains(permissions, PermWritePermissions) {
		return failValue(CodeRoleProtected, "", PermWritePermissions) // no role could then add it again
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
			return failValue(CodeRoleProtected, "", p)
		}
	}
	return nil
}

// narrows reports whether after is a part of before, and not all of it.
func narrows(before, after []string) bool {
	return len(after) < len(before) && !slices.ContainsFunc(after, func(p string) bool { return !slices.Contains(before, p) })
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
