package httpapi

import (
	"time"

	"jeton"
	"jeton/limit"
	"jeton/web"
)

// logIn is POST /users/login. The answer carries the secret in the header Token, and
// in cookies where a script of a browser asks.
func (a *api) logIn(c *web.Call) (any, error) {
	in, err := c.StringMap()
	if err != nil {
		return nil, err
	}
	created, receipt, err := a.service.LogIn(c.Context(), jeton.LogIn{
		ID: in["id"], LoginID: in["login_id"], Password: in["password"], DeviceID: in["device_id"],
		Address: c.Address, Network: limit.Network(c.Address), UserAgent: c.Request.UserAgent(),
		Presented: web.CredentialOf(c.Request).Secret,
	})
	if err != nil {
		return nil, err
	}
	c.Changed(receipt)
	secret := c.Reveal(created.Secret)
	c.Header().Set("Token", secret)
	if c.Request.Header.Get("X-Requested-With") == "XMLHttpRequest" {
		lasts := time.Duration(created.Session.ExpiresAt-created.Session.CreateAt) * time.Millisecond
		c.LogIn(secret, created.User.ID, lasts)
	}
	return web.Line(wireUser(created.User)), nil
}

// logOut is POST /users/logout. It always clears the cookies. Without a session it
// succeeds and changes nothing.
func (a *api) logOut(c *web.Call) (any, error) {
	c.LogOut()
	if c.Actor.ID == "" {
		return ok(), nil
	}
	receipt, err := a.service.LogOut(c.Context(), c.Actor)
	c.Changed(receipt)
	return ok(), err
}
