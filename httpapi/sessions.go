package httpapi

import (
	"jeton"
	"jeton/web"
)

// listSessions is GET /users/{user_id}/sessions.
func (a *api) listSessions(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	owner, sessions, err := a.service.SessionsOf(c.Context(), c.Actor, id)
	return each(sessions, func(s jeton.Session) sessionJSON { return wireSession(owner, s) }), err
}

// revokeSession is POST /users/{user_id}/sessions/revoke.
func (a *api) revokeSession(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	in, err := c.StringMap()
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.RevokeSession(c.Context(), c.Actor, id, in["session_id"])
	c.Changed(receipt)
	return ok(), err
}

// revokeSessions is POST /users/{user_id}/sessions/revoke/all.
func (a *api) revokeSessions(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.RevokeSessions(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return ok(), err
}
