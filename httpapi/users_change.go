package httpapi

import (
	"jeton"
	"jeton/limit"
	"jeton/web"
)

// userIn is a user as a client sends it. The other fields of Mattermost's user (roles,
// times) are not read: these routes do not change them.
type userIn struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	Email     string `json:"email"`
	Password  string `json:"password"`
	Nickname  string `json:"nickname"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Position  string `json:"position"`
	Locale    string `json:"locale"`

	Timezone      jeton.Timezone `json:"timezone"`
	EmailVerified bool           `json:"email_verified"`
}

// userPatchIn are the fields of a user to change.
type userPatchIn struct {
	Username  *string `json:"username"`
	Email     *string `json:"email"`
	Password  string  `json:"password"`
	Nickname  *string `json:"nickname"`
	FirstName *string `json:"first_name"`
	LastName  *string `json:"last_name"`
	Position  *string `json:"position"`
	Locale    *string `json:"locale"`

	Timezone jeton.Timezone `json:"timezone"`
}

func (in userPatchIn) patch() jeton.UserPatch {
	return jeton.UserPatch{
		Username: in.Username, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName,
		Nickname: in.Nickname, Position: in.Position, Locale: in.Locale, Timezone: in.Timezone, Password: in.Password,
	}
}

// createUser is POST /users.
func (a *api) createUser(c *web.Call) (any, error) {
	var in userIn
	if err := c.Decode(&in, "user"); err != nil {
		return nil, err
	}
	actor := c.Actor
	actor.Address, actor.Network = c.Address, limit.Network(c.Address) // also without a credential
	u, receipt, err := a.service.CreateUser(c.Context(), actor, jeton.NewUser{
		ID: in.ID, Username: in.Username, Email: in.Email, Password: in.Password, FirstName: in.FirstName,
		LastName: in.LastName, Nickname: in.Nickname, Position: in.Position, Locale: in.Locale,
		Timezone: in.Timezone, EmailVerified: in.EmailVerified,
	})
	c.Changed(receipt)
	return web.Created(wireUser(u)), err
}

// updateUser is PUT /users/{user_id}: it replaces all fields of the user.
func (a *api) updateUser(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	var in userIn
	if err := c.Decode(&in, "user"); err != nil {
		return nil, err
	}
	if in.ID != id {
		return nil, web.InvalidBody("user_id")
	}
	p := jeton.UserPatch{
		Username: &in.Username, Email: &in.Email, FirstName: &in.FirstName, LastName: &in.LastName,
		Nickname: &in.Nickname, Position: &in.Position, Timezone: in.Timezone, Password: in.Password,
	}
	if in.Locale != "" {
		p.Locale = &in.Locale
	}
	u, receipt, err := a.service.UpdateUser(c.Context(), c.Actor, id, p)
	c.Changed(receipt)
	return visibleUser(c, u), err
}

// patchUser is PUT /users/{user_id}/patch: it changes the given fields.
func (a *api) patchUser(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	var in userPatchIn
	if err := c.Decode(&in, "user"); err != nil {
		return nil, err
	}
	u, receipt, err := a.service.UpdateUser(c.Context(), c.Actor, id, in.patch())
	c.Changed(receipt)
	return visibleUser(c, u), err
}

// setPassword is PUT /users/{user_id}/password.
func (a *api) setPassword(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	in, err := c.StringMap()
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.SetPassword(c.Context(), c.Actor, id, jeton.PasswordChange{
		Current: in["current_password"], New: in["new_password"], Hashed: in["already_hashed"] == "true",
	})
	c.Changed(receipt)
	return ok(), err
}

// resetFailedAttempts is POST /users/{user_id}/reset_failed_attempts.
func (a *api) resetFailedAttempts(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.Unlock(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return ok(), err
}

// setRoles is PUT /users/{user_id}/roles. An empty list removes all roles. A body
// without a list is an error, so that a mistyped key does not do the same.
func (a *api) setRoles(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	var in struct {
		Roles *string `json:"roles"`
	}
	if err := c.Decode(&in, "roles"); err != nil {
		return nil, err
	}
	if in.Roles == nil {
		return nil, web.InvalidBody("roles")
	}
	receipt, err := a.service.SetRoles(c.Context(), c.Actor, id, *in.Roles)
	c.Changed(receipt)
	return ok(), err
}

// setActive is PUT /users/{user_id}/active.
func (a *api) setActive(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	var in struct {
		Active *bool `json:"active"`
	}
	if err := c.Decode(&in, "active"); err != nil {
		return nil, err
	}
	if in.Active == nil {
		return nil, web.InvalidBody("active")
	}
	receipt, err := a.service.SetActive(c.Context(), c.Actor, id, *in.Active)
	c.Changed(receipt)
	return ok(), err
}

// deleteUser is DELETE /users/{user_id}.
func (a *api) deleteUser(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.DeleteUser(c.Context(), c.Actor, id, flag(c, "permanent"))
	c.Changed(receipt)
	return ok(), err
}
