package storetest

import (
	"fmt"

	"jeton"
)

func (f *fixture) roleByName(name string) (jeton.Role, bool) {
	f.Helper()
	roles, err := f.store.Roles(f.ctx)
	f.must(err)
	for i, r := range roles {
		if i > 0 && roles[i-1].Name >= r.Name {
			f.Errorf("%s comes after %s", r.Name, roles[i-1].Name)
		}
	}
	return jeton.NewRoleTable(roles).Role(name)
}

func testRoles(f *fixture) {
	roles, err := f.store.Roles(f.ctx)
	f.must(err)
	f.is("default roles", len(roles), len(jeton.DefaultRoles()))
	for _, want := range jeton.DefaultRoles() {
		got, ok := f.roleByName(want.Name)
		f.is(want.Name, ok, true)
		f.is("id of "+want.Name, len(got.ID), 26)
		want.ID, want.CreateAt, want.UpdateAt = got.ID, got.CreateAt, got.UpdateAt
		if want.Permissions == nil {
			want.Permissions = []string{}
		}
		f.is(want.Name, got, want)
	}
	own := jeton.Role{
		ID: f.id(), Name: "own_role", DisplayName: "Own ü", Description: "d", CreateAt: start, UpdateAt: start + 1,
		Permissions: []string{"a:b", "c:*"}, SchemeManaged: true,
	}
	f.change(func(tx jeton.Tx) error { return tx.AddRole(own) })
	got, _ := f.roleByName("own_role")
	f.is("added", got, own)
	own.DisplayName, own.Permissions = "Other", []string{}
	f.change(func(tx jeton.Tx) error { return tx.SetRole(own) })
	got, _ = f.roleByName("own_role")
	f.is("set", got, own)

	f.fails("a name given twice", f.refused(func(tx jeton.Tx) error {
		return tx.AddRole(jeton.Role{ID: f.id(), Name: "own_role"})
	}), jeton.ErrRoleNameTaken)
	f.fails("a name taken by renaming", f.refused(func(tx jeton.Tx) error {
		return tx.SetRole(jeton.Role{ID: own.ID, Name: "system_user"})
	}), jeton.ErrRoleNameTaken)
	f.fails("set none", f.refused(func(tx jeton.Tx) error {
		return tx.SetRole(jeton.Role{ID: f.id(), Name: "new"})
	}), jeton.ErrNotFound)
	f.change(func(tx jeton.Tx) error { return tx.RemoveRole(own.ID) })
	_, ok := f.roleByName("own_role")
	f.is("removed", ok, false)
	f.fails("removed twice", f.refused(func(tx jeton.Tx) error { return tx.RemoveRole(own.ID) }), jeton.ErrNotFound)
}

func testRoleAssigned(f *fixture) {
	assigned := func(name string) (is bool) {
		f.inside(func(tx jeton.Tx) (err error) {
			is, err = tx.RoleAssigned(name)
			return err
		})
		return is
	}
	f.is("before", assigned("own_a"), false)
	u := f.user("ann", func(u *jeton.User) { u.Roles = []string{"own_a", "own_a", "own_b"} })
	f.is("own_a", assigned("own_a"), true)
	f.is("own_b", assigned("own_b"), true)
	f.is("a part of a name", assigned("own"), false)
	f.is("a pattern", assigned("own__"), false)
	u.Roles = []string{"own_b"}
	f.change(func(tx jeton.Tx) error { return tx.SetUser(u) })
	f.is("taken away", assigned("own_a"), false)
	f.change(func(tx jeton.Tx) error { return tx.RemoveUser(u.ID, start) })
	f.is("gone with the user", assigned("own_b"), false)
}

// testRoleTable: a role table that the store caches is never older than the roles.
func testRoleTable(f *fixture) {
	holds := func(tx jeton.Tx, want ...string) error {
		table, err := tx.RoleTable()
		if err != nil {
			return err
		}
		r, _ := table.Role("own")
		if fmt.Sprint(r.Permissions) != fmt.Sprint(want) {
			return fmt.Errorf("the table holds %v, not %v", r.Permissions, want)
		}
		return nil
	}
	own := jeton.Role{ID: f.id(), Name: "own", Permissions: []string{"a:a"}}
	f.change(func(tx jeton.Tx) error { return holds(tx) })
	f.change(func(tx jeton.Tx) error {
		if err := tx.AddRole(own); err != nil {
			return err
		}
		return holds(tx, "a:a") // the change sees its own write
	})
	f.change(func(tx jeton.Tx) error { return holds(tx, "a:a") })
	other := own
	other.Permissions = []string{"b:b"}

	// In one group, some changes set the role and fail, and the others read it.
	out := f.group(12, func(i int, tx jeton.Tx) error {
		if i%3 != 0 {
			return holds(tx, "a:a")
		}
		if err := tx.SetRole(other); err != nil {
			return err
		}
		if err := holds(tx, "b:b"); err != nil {
			return err
		}
		return errRefused
	})
	for i, o := range out {
		if i%3 == 0 {
			f.fails("a change that set it", o.Err, errRefused)
		} else if o.Err != nil {
			f.Error(o.Err)
		}
	}
	f.change(func(tx jeton.Tx) error { return tx.SetRole(other) })
	f.change(func(tx jeton.Tx) error { return holds(tx, "b:b") })
	f.change(func(tx jeton.Tx) error {
		if err := tx.RemoveRole(own.ID); err != nil {
			return err
		}
		return holds(tx)
	})
	f.change(func(tx jeton.Tx) error { return holds(tx) })
}
