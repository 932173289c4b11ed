package httpapi

import (
	"regexp"

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

// revokeEverySession is POST /users/sessions/revoke/all.
func (a *api) revokeEverySession(c *web.Call) (any, error) {
	receipt, err := a.service.RevokeEverySession(c.Context(), c.Actor)
	c.Changed(receipt)
	return ok(), err
}

// version is a semantic version, as a mobile client sends its own.
var version = regexp.MustCompile(`^(0|[1-9]\d{0,9})(\.(0|[1-9]\d{0,9})){2}(-[0-9A-Za-z.-]{1,64})?(\+[0-9A-Za-z.-]{1,64})?$`)

// attachDevice is PUT /users/sessions/device. Of what a mobile client sends only the device
// is stored; the rest is for push notifications. It is checked as in Mattermost.
func (a *api) attachDevice(c *web.Call) (any, error) {
	in, err := c.StringMap()
	if err != nil {
		return nil, err
	}
	const disabled, mobile = "device_notification_disabled", "mobile_version"
	if s := in[disabled]; s != "" && s != "true" && s != "false" {
		return nil, web.InvalidBody(disabled)
	}
	if s := in[mobile]; s != "" && !version.MatchString(s) {
		return nil, web.InvalidBody(mobile)
	}
	receipt, err := a.service.AttachDevice(c.Context(), c.Actor, in["device_id"])
	c.Changed(receipt)
	return ok(), err
}
