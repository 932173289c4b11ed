package httpapi

import (
	"time"

	"jeton"
	"jeton/limit"
	"jeton/web"
)

// logIn is POST /users/login. The secret goes out in the header Token, and in
// cookies to the browsers' scripts that say who they are.
func (a *api) logIn(c *web.Call) (any, error) {
	in, err := c.StringMap()
	if err != nil {
		return nil, err
	}
	user, session, secret, err := a.service.LogIn(c.Context(), jeton.LogIn{
		LoginID: in["login_id"], Password: in["password"], DeviceID: in["device_id"],
		Address: c.Address, Network: limit.Network(c.Address), UserAgent: c.Request.UserAgent(),
	})
	if err != nil {
		return nil, err
	}
	c.Header().Set("Token", secret.Reveal())
	if c.Request.Header.Get("X-Requested-With") == "XMLHttpRequest" {
		lasts := time.Duration(session.ExpiresAt-session.CreateAt) * time.Millisecond
		c.LogIn(secret.Reveal(), user.ID, lasts)
	}
	return web.Line(wireUser(user)), nil
}

// logOut is POST /users/logout. It always clears the cookies; that there was no
// session is no error.
func (a *api) logOut(c *web.Call) (any, error) {
	c.LogOut()
	if c.Actor.ID == "" {
		return ok(), nil
	}
	return ok(), a.service.LogOut(c.Context(), c.Actor)
}
