package sqlstore

import (
	"context"
	"errors"

	"jeton"
)

const (
	allRoles = `SELECT id, name, display_name, description, create_at, update_at, permissions, scheme_managed, built_in
		FROM role ORDER BY name`
	roleAssigned = `SELECT EXISTS (SELECT 1 FROM user_role WHERE role = $1)`

	roleIDByName = `SELECT id FROM role WHERE name = $1`
	insertRole   = `INSERT INTO role (id, name, display_name, description, create_at, update_at, permissions, scheme_managed, built_in)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	updateRole = `UPDATE role SET name = $2, display_name = $3, description = $4, create_at = $5, update_at = $6,
		permissions = $7, scheme_managed = $8, built_in = $9 WHERE id = $1`
	deleteRole = `DELETE FROM role WHERE id = $1`
)

func scanRole(r row) (jeton.Role, error) {
	var o jeton.Role
	var permissions string
	err := r.Scan(&o.ID, &o.Name, &o.DisplayName, &o.Description, &o.CreateAt, &o.UpdateAt, &permissions, &o.SchemeManaged, &o.BuiltIn)
	if err == nil {
		o.Permissions, err = getList(permissions)
	}
	return o, err
}

// roleArgs also notes that the roles are not what they were.
func (t *tx) roleArgs(r jeton.Role) ([]any, error) {
	t.rolesChanged()
	permissions, err := putList(r.Permissions)
	return []any{r.ID, r.Name, r.DisplayName, r.Description, r.CreateAt, r.UpdateAt, permissions, r.SchemeManaged, r.BuiltIn}, err
}

// Roles implements jeton.RoleReader.
func (r *reader) Roles(ctx context.Context) ([]jeton.Role, error) {
	return list(ctx, r.src, allRoles, nil, scanRole)
}

// RoleAssigned implements jeton.RoleReader.
func (r *reader) RoleAssigned(ctx context.Context, name string) (assigned bool, err error) {
	if !findable(name) {
		return false, nil
	}
	return assigned, r.src.one(ctx, roleAssigned, []any{name}, &assigned)
}

// RoleTable implements jeton.Tx. The table is read only when a role changed
// since it was read last, by whichever node.
func (t *tx) RoleTable(ctx context.Context) (*jeton.RoleTable, error) {
	if t.table == nil {
		roles, err := t.Roles(ctx)
		if err != nil {
			return nil, err
		}
		t.table = jeton.NewRoleTable(roles)
	}
	return t.table, nil
}

// AddRole implements jeton.RoleWriter.
func (t *tx) AddRole(ctx context.Context, r jeton.Role) error {
	if err := t.roleNameFree(ctx, r); err != nil {
		return err
	}
	args, err := t.roleArgs(r)
	if err != nil {
		return err
	}
	return t.send(ctx, insertRole, args...)
}

// SetRole implements jeton.RoleWriter.
func (t *tx) SetRole(ctx context.Context, r jeton.Role) error {
	if err := t.roleNameFree(ctx, r); err != nil {
		return err
	}
	args, err := t.roleArgs(r)
	if err != nil {
		return err
	}
	return mustTouch(t.exec(ctx, updateRole, args...))
}

// RemoveRole implements jeton.RoleWriter.
func (t *tx) RemoveRole(ctx context.Context, id string) error {
	t.rolesChanged()
	return t.removeByID(ctx, deleteRole, id)
}

func (t *tx) removeByID(ctx context.Context, text, id string) error {
	if !findable(id) {
		return jeton.ErrNotFound
	}
	return mustTouch(t.exec(ctx, text, id))
}

func (t *tx) rolesChanged() { t.table, t.wroteRoles = nil, true }

// roleNameFree looks before it writes, as all checks of uniqueness here: nobody
// else writes meanwhile, and no driver's error has to be read.
func (t *tx) roleNameFree(ctx context.Context, r jeton.Role) error {
	return t.free(ctx, roleIDByName, r.Name, r.ID, jeton.ErrRoleNameTaken)
}

// free reports as taken what a row of another id than own has.
func (t *tx) free(ctx context.Context, text, value, own string, taken error) error {
	var id string
	err := t.src.one(ctx, text, []any{value}, &id)
	switch {
	case errors.Is(err, jeton.ErrNotFound):
		return nil
	case err != nil:
		return err
	case id != own:
		return taken
	}
	return nil
}

// mustTouch turns a write that met no row into jeton.ErrNotFound.
func mustTouch(n int64, err error) error {
	if err == nil && n == 0 {
		return jeton.ErrNotFound
	}
	return err
}
