package httpapi

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"jeton"
	"jeton/web"
)

// routes returns the router with all routes. chi prefers a static segment to a
// parameter, so that GET /users/tokens is not the user "tokens".
func (a *api) routes() chi.Router {
	r := router{a, chi.NewRouter()}
	r.chi.Use(middleware.GetHead) // HEAD is routed as GET; net/http drops the body

	r.get("/users/tokens", a.listTokens)
	r.get("/users/{user_id}/tokens", a.listTokensOf)
	r.post("/users/{user_id}/tokens", a.createToken)
	r.get("/users/tokens/{token_id}", a.getToken)
	r.get("/users/tokens/{token_id}/uses", a.getTokenUses)
	r.post("/users/tokens/search", a.searchTokens)
	r.post("/users/tokens/revoke", a.revokeToken)
	r.post("/users/tokens/disable", a.disableToken)
	r.post("/users/tokens/enable", a.enableToken)

	r.handle(http.MethodPost, "/users/login", web.Open, a.logIn)
	r.handle(http.MethodPost, "/users/login/type", web.Open, a.getLogInType)
	r.handle(http.MethodPost, "/users/logout", web.Optional, a.logOut)
	r.get("/users/{user_id}/sessions", a.listSessions)
	r.post("/users/{user_id}/sessions/revoke", a.revokeSession)
	r.post("/users/{user_id}/sessions/revoke/all", a.revokeSessions)
	r.post("/users/sessions/revoke/all", a.revokeEverySession)
	r.put("/users/sessions/device", a.attachDevice)

	r.get("/users", a.listUsers)
	r.get("/users/stats", a.countUsers)
	r.get("/users/stats/filtered", a.countUsersBy)
	r.get("/users/known", a.knownUsers)
	r.get("/users/autocomplete", a.autocompleteUsers)
	r.handle(http.MethodPost, "/users", web.Optional, a.createUser)
	r.post("/users/ids", a.usersByIDs)
	r.post("/users/usernames", a.usersByNames)
	r.post("/users/search", a.searchUsers)
	r.get("/users/{user_id}", a.getUser)
	r.get("/users/username/{username}", a.getUserByName)
	r.get("/users/email/{email}", a.getUserByEmail)
	r.put("/users/{user_id}", a.updateUser)
	r.put("/users/{user_id}/patch", a.patchUser)
	r.put("/users/{user_id}/password", a.setPassword)
	r.post("/users/{user_id}/reset_failed_attempts", a.resetFailedAttempts)
	r.put("/users/{user_id}/roles", a.setRoles)
	r.put("/users/{user_id}/active", a.setActive)
	r.delete("/users/{user_id}", a.deleteUser)
	r.post("/users/{user_id}/convert_to_bot", a.convertToBot)
	r.post("/users/{user_id}/promote", a.promoteGuest)
	r.post("/users/{user_id}/demote", a.demoteToGuest)

	r.get("/users/{user_id}/preferences", a.none(jeton.UserPreferences))
	r.get("/users/{user_id}/teams", a.none(jeton.UserTeams))
	r.get("/users/{user_id}/teams/members", a.none(jeton.UserTeamMembers))
	r.get("/users/{user_id}/teams/unread", a.none(jeton.UserTeamsUnread))

	r.get("/roles", a.listRoles)
	r.post("/roles", a.createRole)
	r.get("/roles/{role_id}", a.getRole)
	r.get("/roles/name/{role_name}", a.getRoleByName)
	r.post("/roles/names", a.rolesByNames)
	r.put("/roles/{role_id}/patch", a.patchRole)
	r.delete("/roles/{role_id}", a.deleteRole)

	r.post("/permissions/ancillary", a.ancillary)

	r.post("/bots", a.createBot)
	r.get("/bots", a.listBots)
	r.get("/bots/{bot_user_id}", a.getBot)
	r.put("/bots/{bot_user_id}", a.updateBot)
	r.post("/bots/{bot_user_id}/enable", a.enableBot)
	r.post("/bots/{bot_user_id}/disable", a.disableBot)
	r.post("/bots/{bot_user_id}/assign/{user_id}", a.assignBot)
	r.post("/bots/{bot_user_id}/convert_to_user", a.convertToUser)

	r.get("/audits", a.listAudits)
	r.get("/users/{user_id}/audits", a.listAuditsOf)

	r.handle(http.MethodGet, "/system/ping", web.Open, a.getPing)
	r.get("/config", a.getConfig)
	r.handle(http.MethodGet, "/config/client", web.Optional, a.getClientConfig)
	r.handle(http.MethodGet, "/license/client", web.Open, a.getLicense)
	r.get("/limits/server", a.getLimits)
	r.get("/server_busy", a.getBusy)
	r.handle(http.MethodGet, "/openapi.yaml", web.Open, a.getDescription)

	r.chi.NotFound(r.notFound)
	r.chi.MethodNotAllowed(r.notFound)
	return r.chi
}

// router registers handlers behind the funnel.
type router struct {
	api *api
	chi *chi.Mux
}

func (r router) get(path string, h web.Handler)  { r.handle(http.MethodGet, path, web.Required, h) }
func (r router) post(path string, h web.Handler) { r.handle(http.MethodPost, path, web.Required, h) }
func (r router) put(path string, h web.Handler)  { r.handle(http.MethodPut, path, web.Required, h) }
func (r router) delete(path string, h web.Handler) {
	r.handle(http.MethodDelete, path, web.Required, h)
}

// handle registers a route. A path with a parameter that is not routable is not found, and
// that is answered before authentication.
func (r router) handle(method, path string, access web.Access, h web.Handler) {
	pattern := Prefix + path
	next := r.api.funnel.Route(pattern, access, h)
	names := paramNames(pattern)
	r.chi.Method(method, pattern, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		for _, name := range names {
			if !routable(name, pathParam(req, name)) {
				r.notFound(w, req)
				return
			}
		}
		next(w, req)
	}))
}

// notFound answers 404 to an unknown path or method. For an unknown method it sets Allow
// to the methods of the path.
func (r router) notFound(w http.ResponseWriter, req *http.Request) {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
		routed := m
		if m == http.MethodHead {
			routed = http.MethodGet
		}
		if r.has(routed, req.URL.EscapedPath()) {
			allow = append(allow, m)
		}
	}
	if len(allow) > 0 {
		w.Header().Set("Allow", strings.Join(allow, ", "))
	}
	w.(*web.Call).NotFound(req, "")
}

// has reports whether there is a route for a method and a path.
func (r router) has(method, path string) bool {
	found := chi.NewRouteContext()
	if !r.chi.Match(found, method, path) {
		return false
	}
	for i, name := range found.URLParams.Keys {
		if !routable(name, unescaped(found.URLParams.Values[i])) {
			return false
		}
	}
	return true
}
