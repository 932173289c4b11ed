package httpapi

import (
	"jeton"
	"jeton/web"
)

// userIn is what is read of a user that a client sends; the rest of
// Mattermost's user (roles, times) is not the client's to write here.
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
}

// createUser is POST /users.
func (a *api) createUser(c *web.Call) (any, error) {
	var in userIn
	if err := c.Decode(&in, "user"); err != nil {
		return nil, err
	}
	actor := c.Actor
	actor.Address = c.Address // a stranger has one too
	u, err := a.service.CreateUser(c.Context(), actor, jeton.NewUser{
		ID: in.ID, Username: in.Username, Email: in.Email, Password: in.Password, FirstName: in.FirstName,
		LastName: in.LastName, Nickname: in.Nickname, Position: in.Position, Locale: in.Locale,
	})
	return web.Created(wireUser(u)), err
}

// updateUser is PUT /users/{user_id}: a whole user takes the place of the old one.
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
		Nickname: &in.Nickname, Position: &in.Position, Password: in.Password,
	}
	if in.Locale != "" {
		p.Locale = &in.Locale
	}
	u, err := a.service.UpdateUser(c.Context(), c.Actor, id, p)
	return seenUser(c, u), err
}

// patchUser is PUT /users/{user_id}/patch: only what is given changes.
func (a *api) patchUser(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	var in struct {
		Username  *string `json:"username"`
		Email     *string `json:"email"`
		Password  string  `json:"password"`
		Nickname  *string `json:"nickname"`
		FirstName *string `json:"first_name"`
		LastName  *string `json:"last_name"`
		Position  *string `json:"position"`
		Locale    *string `json:"locale"`
	}
	if err := c.Decode(&in, "user"); err != nil {
		return nil, err
	}
	u, err := a.service.UpdateUser(c.Context(), c.Actor, id, jeton.UserPatch{
		Username: in.Username, Email: in.Email, FirstName: in.FirstName, LastName: in.LastName,
		Nickname: in.Nickname, Position: in.Position, Locale: in.Locale, Password: in.Password,
	})
	return seenUser(c, u), err
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
	return ok(), a.service.SetPassword(c.Context(), c.Actor, id, jeton.PasswordChange{
		Current: in["current_password"], New: in["new_password"], Hashed: in["already_hashed"] == "true",
	})
}

// setRoles is PUT /users/{user_id}/roles. The empty list is an answer; a body
// without one is not, lest a mistyped key take all roles away.
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
	return ok(), a.service.SetRoles(c.Context(), c.Actor, id, *in.Roles)
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
	return ok(), a.service.SetActive(c.Context(), c.Actor, id, *in.Active)
}

// deleteUser is DELETE /users/{user_id}.
func (a *api) deleteUser(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	return ok(), a.service.DeleteUser(c.Context(), c.Actor, id, flag(c, "permanent"))
}
