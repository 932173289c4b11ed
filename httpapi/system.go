package httpapi

import (
	"net/http"
	"os"
	"strconv"

	"jeton"
	"jeton/web"
)

// getPing is GET /system/ping. With get_server_status it checks the database, and
// answers 500 when the check fails; with use_rest_semantics, 200 with the status in the
// body. A credential that cannot be checked now counts as none: the answer must come while
// the database is away.
func (a *api) getPing(c *web.Call) (any, error) {
	out := map[string]any{
		"ActiveSearchBackend": "database", "AndroidLatestVersion": "", "AndroidMinVersion": "",
		"IosLatestVersion": "", "IosMinVersion": "", "status": "OK",
	}
	if !flag(c, "get_server_status") {
		return out, nil
	}
	out["database_status"] = "OK"
	out["filestore_status"] = "OK" // it stores no files, so none can fail
	if c.Identify(); c.Actor.Holds(jeton.PermManageSystem) {
		out["root_status"] = os.Geteuid() == 0 // whether the process runs as root
	}
	if a.ping == nil {
		return out, nil
	}
	err := a.ping(c.Context())
	if err == nil {
		return out, nil
	}
	if c.Context().Err() == nil { // else it failed because the client closed the connection
		a.log.Warn("the database does not answer a ping", "request_id", c.ID, "cause", err)
	}
	out["status"], out["database_status"] = "UNHEALTHY", "UNHEALTHY"
	if flag(c, "use_rest_semantics") {
		return out, nil
	}
	return web.Reply{Value: out, Status: http.StatusInternalServerError}, nil
}

// getClientConfig is GET /config/client: the settings of the server that clients need.
// All values are strings. The format parameter is ignored, as in Mattermost 11.
func (a *api) getClientConfig(c *web.Call) (any, error) {
	s := a.service.Settings()
	out := map[string]string{
		"Version": Version, "BuildNumber": a.build, "BuildHash": "", "BuildDate": "", "SiteName": siteName, "SiteURL": a.siteURL(),
		"EnableSignInWithEmail": "true", "EnableSignInWithUsername": "true", "EnableSignUpWithEmail": "true",
		"EnableUserCreation": "true", "EnableOpenServer": strconv.FormatBool(s.OpenSignup),
		"DefaultClientLocale": "en", "AvailableLocales": "en", "PasswordMinimumLength": strconv.Itoa(jeton.MinPassword),
	}
	if c.Actor.ID != "" {
		out["EnableUserAccessTokens"] = strconv.FormatBool(s.TokensEnabled)
		out["MaximumPersonalAccessTokenLifetimeDays"] = "0"
		out["EnableBotAccountCreation"] = "true"
		out["EnableAPIUserDeletion"] = strconv.FormatBool(s.UserDeletion)
		out["SessionLengthWebInHours"] = strconv.Itoa(int(s.SessionLength.Hours()))
	}
	return out, nil
}
