package httpapi

import (
	"jeton"
	"jeton/web"
)

// listRoles is GET /roles.
func (a *api) listRoles(c *web.Call) (any, error) {
	roles, err := a.service.Roles(c.Context(), c.Actor)
	return each(roles, wireRole), err
}

// getRole is GET /roles/{role_id}.
func (a *api) getRole(c *web.Call) (any, error) {
	id, err := pathID(c, "role_id")
	if err != nil {
		return nil, err
	}
	r, err := a.service.Role(c.Context(), c.Actor, id)
	return wireRole(r), err
}

// getRoleByName is GET /roles/name/{role_name}.
func (a *api) getRoleByName(c *web.Call) (any, error) {
	r, err := a.service.RoleByName(c.Context(), c.Actor, pathParam(c.Request, "role_name"))
	return wireRole(r), err
}

// rolesByNames is POST /roles/names.
func (a *api) rolesByNames(c *web.Call) (any, error) {
	names, err := stringList(c, "rolenames")
	if err != nil {
		return nil, err
	}
	roles, err := a.service.RolesByNames(c.Context(), c.Actor, names)
	return each(roles, wireRole), err
}

// createRole is POST /roles, which Mattermost does not have.
func (a *api) createRole(c *web.Call) (any, error) {
	var in struct {
		Name        string   `json:"name"`
		DisplayName string   `json:"display_name"`
		Description string   `json:"description"`
		Permissions []string `json:"permissions"`
	}
	if err := c.Decode(&in, "role"); err != nil {
		return nil, err
	}
	r, receipt, err := a.service.CreateRole(c.Context(), c.Actor, jeton.NewRole(in))
	c.Changed(receipt)
	return web.Created(wireRole(r)), err
}

// patchRole is PUT /roles/{role_id}/patch. The answer names what it left out.
func (a *api) patchRole(c *web.Call) (any, error) {
	id, err := pathID(c, "role_id")
	if err != nil {
		return nil, err
	}
	var in struct {
		Permissions *[]string `json:"permissions"`
	}
	if err := c.Decode(&in, "role"); err != nil {
		return nil, err
	}
	if in.Permissions == nil {
		return nil, web.InvalidBody("role")
	}
	r, receipt, err := a.service.PatchRole(c.Context(), c.Actor, id, *in.Permissions)
	c.Changed(receipt)
	return patchedRoleJSON{wireRole(r.Role), r.Ignored}, err
}

// deleteRole is DELETE /roles/{role_id}, which Mattermost does not have.
func (a *api) deleteRole(c *web.Call) (any, error) {
	id, err := pathID(c, "role_id")
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.DeleteRole(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return ok(), err
}
