package sqlstore

import (
	"context"

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
	permissions, err := getList(r.text(6))
	return jeton.Role{
		ID: r.text(0), Name: r.text(1), DisplayName: r.text(2), Description: r.text(3), CreateAt: r.int(4), UpdateAt: r.int(5),
		Permissions: permissions, SchemeManaged: r.bool(7), BuiltIn: r.bool(8),
	}, err
}

// Roles implements jeton.CredentialReader.
func (s *Store) Roles(ctx context.Context) ([]jeton.Role, error) {
	return list(ctx, s.quick, stmt(allRoles), scanRole)
}

// RoleAssigned implements jeton.TxReader.
func (t *tx) RoleAssigned(name string) (bool, error) {
	if !storable(name) {
		return false, nil
	}
	return yes(t.ctx(), t, stmt(roleAssigned, name))
}

// RoleTable implements jeton.TxReader. The table is read only when a role changed
// since it was read last, by any node.
func (t *tx) RoleTable() (*jeton.RoleTable, error) {
	if t.table == nil {
		roles, err := list(t.ctx(), t, stmt(allRoles), scanRole)
		if err != nil {
			return nil, err
		}
		t.table = jeton.NewRoleTable(roles)
	}
	return t.table, nil
}

// roleArgs also notes that the roles are not what they were.
func (t *tx) roleArgs(r jeton.Role) ([]any, error) {
	t.rolesChanged()
	permissions, err := putList(r.Permissions)
	return []any{r.ID, r.Name, r.DisplayName, r.Description, r.CreateAt, r.UpdateAt, permissions, r.SchemeManaged, r.BuiltIn}, err
}

// AddRole implements jeton.RoleWriter.
func (t *tx) AddRole(r jeton.Role) error {
	if err := t.roleNameFree(r); err != nil {
		return err
	}
	args, err := t.roleArgs(r)
	if err != nil {
		return err
	}
	return t.send(stmt(insertRole, args...))
}

// SetRole implements jeton.RoleWriter.
func (t *tx) SetRole(r jeton.Role) error {
	if err := t.roleNameFree(r); err != nil {
		return err
	}
	args, err := t.roleArgs(r)
	if err != nil {
		return err
	}
	return mustTouch(t.exec(stmt(updateRole, args...)))
}

// RemoveRole implements jeton.RoleWriter.
func (t *tx) RemoveRole(id string) error {
	t.rolesChanged()
	return t.removeByID(deleteRole, id)
}

func (t *tx) rolesChanged() { t.table, t.wroteRoles = nil, true }

func (t *tx) roleNameFree(r jeton.Role) error {
	return t.free(roleIDByName, r.Name, r.ID, jeton.ErrRoleNameTaken)
}
