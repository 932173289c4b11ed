package httpapi

import (
	"jeton"
	"jeton/web"
)

// none returns the handler of a list under /users/{user_id} that is empty here for every
// user. It is there because clients ask for it after their log-in, and stop at a 404.
func (a *api) none(action jeton.Action) web.Handler {
	return func(c *web.Call) (any, error) {
		id, err := userID(c)
		if err != nil {
			return nil, err
		}
		return []struct{}{}, a.service.ReadNone(c.Actor, action, id)
	}
}

// knownUsers is GET /users/known: the users that share a channel with the caller.
func (a *api) knownUsers(c *web.Call) (any, error) {
	return []struct{}{}, a.service.ReadNone(c.Actor, jeton.UserKnown, c.Actor.ID)
}

// getLicense is GET /license/client.
func (a *api) getLicense(c *web.Call) (any, error) {
	switch c.Query("format") {
	case "":
		return nil, &jeton.Error{Code: jeton.CodeLicenseFormat}
	case "old":
		return map[string]string{"IsLicensed": "false"}, nil
	}
	return nil, web.InvalidBody("format") // body, as Mattermost says
}

// getLogInType is POST /users/login/type. Every user logs in with a password here, so the
// answer says nothing about whether there is such a user.
func (a *api) getLogInType(c *web.Call) (any, error) {
	_, err := c.StringMap()
	return map[string]string{"auth_service": ""}, err
}

// getBusy is GET /server_busy.
func (a *api) getBusy(c *web.Call) (any, error) {
	return struct {
		Busy    bool  `json:"busy"`
		Expires int64 `json:"expires"`
	}{}, a.service.ReadSystem(c.Actor)
}

// getLimits is GET /limits/server. 0 is no limit.
func (a *api) getLimits(c *web.Call) (any, error) {
	n, err := a.service.ActiveUsers(c.Context(), c.Actor)
	return web.Line(limitsJSON{ActiveUserCount: n}), err
}

// limitsJSON follows model.ServerLimits.
type limitsJSON struct {
	MaxUsersLimit           int64 `json:"maxUsersLimit"`
	MaxUsersHardLimit       int64 `json:"maxUsersHardLimit"`
	ActiveUserCount         int64 `json:"activeUserCount"`
	SingleChannelGuestCount int64 `json:"singleChannelGuestCount"`
	SingleChannelGuestLimit int64 `json:"singleChannelGuestLimit"`
	PostHistoryLimit        int64 `json:"postHistoryLimit"`
	LastAccessiblePostTime  int64 `json:"lastAccessiblePostTime"`
}

// maxAncillary is the most permissions in one request.
const maxAncillary = 1000

// ancillary is POST /permissions/ancillary.
func (a *api) ancillary(c *web.Call) (any, error) {
	var in []string
	err := c.Decode(&in, "permissions")
	if err == nil && len(in) > maxAncillary {
		err = web.InvalidBody("permissions")
	} else if jeton.CodeOf(err) == jeton.CodeInvalidBody || err == nil && len(in) == 0 {
		err = &jeton.Error{Code: jeton.CodePayload}
	}
	if err != nil {
		return nil, err
	}
	out, err := a.service.Ancillary(c.Actor, in)
	return out, err
}
