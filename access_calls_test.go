package jeton_test

import (
	"encoding/json"
	"fmt"
	"net/http"

	"jeton/apitest"
)

type (
	list = []string
	obj  = map[string]any
)

// call is one use case: its request, and the rows that it needs.
type call struct {
	method   string
	path     func(c *cell) string
	body     func(c *cell) any
	has      string // what the target must have: a "token" or a "session"
	asleep   bool   // the target is deactivated, and its token disabled
	narrowed bool   // the target's token is narrowed to create_user_access_token
	guest    bool   // the target has the role system_guest too
	role     list   // the permissions of a custom role; nil: no such role
	list     string // the answer is a list, and this field is the owner of a row
	alone    bool   // it changes the fixtures of other cells
	root     bool   // the path is not below /api/v4: a call of package verify, which takes forms
}

func at(path string) func(*cell) string { return func(*cell) string { return path } }

func ofTarget(before, after string) func(*cell) string {
	return func(c *cell) string { return before + c.target.ID + after }
}

func tokenID(c *cell) any { return obj{"token_id": c.token.ID} }

func always(body any) func(*cell) any { return func(*cell) any { return body } }

// userWith is the whole user, which PUT /users/{user_id} needs.
func userWith(field string, value func(c *cell) string) func(*cell) any {
	return func(c *cell) any {
		u := obj{"id": c.target.ID, "username": c.target.Username, "email": c.target.Email, "password": apitest.Password}
		u[field] = value(c)
		return u
	}
}

func patchWith(field string, value func(c *cell) string) func(*cell) any {
	return func(c *cell) any { return obj{field: value(c), "password": apitest.Password} }
}

func nickname(*cell) string { return "Nick" }
func email(c *cell) string  { return c.name + "@example.org" }

func username(c *cell) string { return c.name }

func newPassword(c *cell) any {
	return obj{"current_password": apitest.Password, "new_password": "An0ther!word"}
}

// hashedPassword is the bcrypt hash of "password", as from another server.
func hashedPassword(*cell) any {
	return obj{"already_hashed": "true", "current_password": apitest.Password, "new_password": "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}
}

// roles adds a role to those of the target.
func roles(name string) func(*cell) any {
	return func(c *cell) any {
		all := name
		for _, r := range c.target.Roles {
			if r != name {
				all += " " + r
			}
		}
		return obj{"roles": all}
	}
}

func newRole(permission string) func(*cell) any {
	return func(c *cell) any { return obj{"name": c.name, "display_name": "New", "permissions": list{permission}} }
}

func rolePath(c *cell) string { return "/roles/" + c.role.ID + "/patch" }

func builtIn(name string) func(*cell) string {
	return func(c *cell) string { return "/roles/" + c.world.builtIn[name].ID + "/patch" }
}

func holds(permissions ...string) func(*cell) any {
	return always(obj{"permissions": append(list{}, permissions...)})
}

// calls are the use cases of the table by their names. Those that patch a built-in role do
// not change it, because all cells share it.
var calls = map[string]call{
	"create token":          {method: "POST", path: ofTarget("/users/", "/tokens"), body: always(obj{"description": "new"})},
	"list tokens of":        {method: "GET", path: ofTarget("/users/", "/tokens")},
	"list all tokens":       {method: "GET", path: at("/users/tokens")},
	"get token":             {method: "GET", path: func(c *cell) string { return "/users/tokens/" + c.token.ID }, has: "token"},
	"get uses":              {method: "GET", path: func(c *cell) string { return "/users/tokens/" + c.token.ID + "/uses" }, has: "token"},
	"search tokens":         {method: "POST", path: at("/users/tokens/search"), body: always(obj{"term": "admin"})},
	"revoke token":          {method: "POST", path: at("/users/tokens/revoke"), body: tokenID, has: "token"},
	"disable token":         {method: "POST", path: at("/users/tokens/disable"), body: tokenID, has: "token"},
	"enable token":          {method: "POST", path: at("/users/tokens/enable"), body: tokenID, has: "token", asleep: true},
	"enable narrowed token": {method: "POST", path: at("/users/tokens/enable"), body: tokenID, has: "token", asleep: true, narrowed: true},

	"get me":           {method: "GET", path: at("/users/me")},
	"get user":         {method: "GET", path: ofTarget("/users/", "")},
	"get user by name": {method: "GET", path: func(c *cell) string { return "/users/username/" + c.target.Username }},
	"get user by e-mail": {method: "GET", path: func(c *cell) string {
		return "/users/email/" + c.target.Email
	}},
	"list users":           {method: "GET", path: at("/users"), list: "id"},
	"list users by id":     {method: "POST", path: at("/users/ids"), body: func(c *cell) any { return list{c.target.ID, c.me.ID} }, list: "id"},
	"list users by name":   {method: "POST", path: at("/users/usernames"), body: func(c *cell) any { return list{c.target.Username} }, list: "id"},
	"search users":         {method: "POST", path: at("/users/search"), body: func(c *cell) any { return obj{"term": c.target.Username} }, list: "id"},
	"list teamless users":  {method: "GET", path: at("/users?without_team=true")},
	"list users of a team": {method: "GET", path: at("/users?in_team=x")},
	"autocomplete users":   {method: "GET", path: func(c *cell) string { return "/users/autocomplete?name=" + c.target.Username }},
	"known users":          {method: "GET", path: at("/users/known")},
	"count users":          {method: "GET", path: at("/users/stats")},
	"count users by":       {method: "GET", path: at("/users/stats/filtered")},
	"get limits":           {method: "GET", path: at("/limits/server")},
	"list preferences":     {method: "GET", path: ofTarget("/users/", "/preferences")},
	"list teams":           {method: "GET", path: ofTarget("/users/", "/teams")},
	"list team members":    {method: "GET", path: ofTarget("/users/", "/teams/members")},
	"list what is unread":  {method: "GET", path: ofTarget("/users/", "/teams/unread")},
	"get config":           {method: "GET", path: at("/config")},
	"get busy":             {method: "GET", path: at("/server_busy")},
	"create user": {method: "POST", path: at("/users"), body: func(c *cell) any {
		return obj{"username": c.name, "email": email(c), "password": apitest.Password}
	}},
	"update nickname":     {method: "PUT", path: ofTarget("/users/", ""), body: userWith("nickname", nickname)},
	"update e-mail":       {method: "PUT", path: ofTarget("/users/", ""), body: userWith("email", email)},
	"patch nickname":      {method: "PUT", path: ofTarget("/users/", "/patch"), body: patchWith("nickname", nickname)},
	"patch e-mail":        {method: "PUT", path: ofTarget("/users/", "/patch"), body: patchWith("email", email)},
	"update username":     {method: "PUT", path: ofTarget("/users/", ""), body: userWith("username", username)},
	"patch username":      {method: "PUT", path: ofTarget("/users/", "/patch"), body: patchWith("username", username)},
	"set password":        {method: "PUT", path: ofTarget("/users/", "/password"), body: newPassword},
	"set hashed password": {method: "PUT", path: ofTarget("/users/", "/password"), body: hashedPassword},
	"unlock":              {method: "POST", path: ofTarget("/users/", "/reset_failed_attempts")},
	"set roles to none":   {method: "PUT", path: ofTarget("/users/", "/roles"), body: always(obj{"roles": ""})},
	"add a role it holds": {method: "PUT", path: ofTarget("/users/", "/roles"), body: roles("system_user")},
	"add a role it lacks": {method: "PUT", path: ofTarget("/users/", "/roles"), body: roles(roleDeployer)},
	"add system_admin":    {method: "PUT", path: ofTarget("/users/", "/roles"), body: roles("system_user system_admin")},
	"deactivate":          {method: "PUT", path: ofTarget("/users/", "/active"), body: always(obj{"active": false})},
	"activate":            {method: "PUT", path: ofTarget("/users/", "/active"), body: always(obj{"active": true}), asleep: true},
	"delete user":         {method: "DELETE", path: ofTarget("/users/", "")},
	"delete for good":     {method: "DELETE", path: ofTarget("/users/", "?permanent=true")},

	"convert to a bot": {method: "POST", path: ofTarget("/users/", "/convert_to_bot")},
	"promote":          {method: "POST", path: ofTarget("/users/", "/promote"), guest: true},
	"promote no guest": {method: "POST", path: ofTarget("/users/", "/promote")},
	"demote":           {method: "POST", path: ofTarget("/users/", "/demote")},

	"list sessions": {method: "GET", path: ofTarget("/users/", "/sessions")},
	"revoke session": {method: "POST", path: ofTarget("/users/", "/sessions/revoke"), body: func(c *cell) any {
		return obj{"session_id": c.session.ID}
	}, has: "session"},
	"revoke all sessions":  {method: "POST", path: ofTarget("/users/", "/sessions/revoke/all")},
	"revoke every session": {method: "POST", path: at("/users/sessions/revoke/all"), alone: true},
	"attach a device":      {method: "PUT", path: at("/users/sessions/device"), body: always(obj{"device_id": "phone"})},

	"list roles":             {method: "GET", path: at("/roles")},
	"get role":               {method: "GET", path: func(c *cell) string { return "/roles/" + c.world.builtIn["system_user"].ID }},
	"get role by name":       {method: "GET", path: at("/roles/name/system_user")},
	"list roles by name":     {method: "POST", path: at("/roles/names"), body: always(list{"system_user"})},
	"list ancillary":         {method: "POST", path: at("/permissions/ancillary"), body: always(list{"view_members"})},
	"put in what it holds":   {method: "PUT", path: rolePath, body: holds("view_members"), role: list{}},
	"put in what it lacks":   {method: "PUT", path: rolePath, body: holds("deploy:write"), role: list{}},
	"put in manage_roles":    {method: "PUT", path: rolePath, body: holds("manage_roles"), role: list{}},
	"take out what it lacks": {method: "PUT", path: rolePath, body: holds(), role: list{"deploy:write"}},
	"patch system_user":      {method: "PUT", path: builtIn("system_user"), body: holds("view_members")},
	"patch system_manager": {method: "PUT", path: builtIn("system_manager"), body: func(c *cell) any {
		return obj{"permissions": c.world.builtIn["system_manager"].Permissions}
	}},
	"create a role it holds": {method: "POST", path: at("/roles"), body: newRole("view_members")},
	"create a role it lacks": {method: "POST", path: at("/roles"), body: newRole("deploy:write")},
	"create a manager role":  {method: "POST", path: at("/roles"), body: newRole("manage_roles")},
	"delete role":            {method: "DELETE", path: func(c *cell) string { return "/roles/" + c.role.ID }, role: list{}},

	"create bot":  {method: "POST", path: at("/bots"), body: func(c *cell) any { return obj{"username": c.name} }},
	"list bots":   {method: "GET", path: at("/bots"), list: "owner_id"},
	"get bot":     {method: "GET", path: ofTarget("/bots/", "")},
	"patch bot":   {method: "PUT", path: ofTarget("/bots/", ""), body: always(obj{"description": "new"})},
	"rename bot":  {method: "PUT", path: ofTarget("/bots/", ""), body: func(c *cell) any { return obj{"username": c.name} }},
	"enable bot":  {method: "POST", path: ofTarget("/bots/", "/enable"), asleep: true},
	"disable bot": {method: "POST", path: ofTarget("/bots/", "/disable")},
	"assign bot": {method: "POST", path: func(c *cell) string {
		return "/bots/" + c.target.ID + "/assign/" + c.world.someone
	}},
	"assign to a bot": {method: "POST", path: func(c *cell) string {
		return "/bots/" + c.target.ID + "/assign/" + c.target.ID
	}},

	"convert to a person": {method: "POST", path: ofTarget("/bots/", "/convert_to_user"), body: always(obj{"password": apitest.Password})},
	"convert to an admin": {method: "POST", path: ofTarget("/bots/", "/convert_to_user?set_system_admin=true"), body: always(obj{"password": apitest.Password})},

	"list audits":    {method: "GET", path: at("/audits")},
	"list audits of": {method: "GET", path: ofTarget("/users/", "/audits")},

	"introspect":      {method: "POST", path: at("/oauth2/introspect"), body: always("token=x"), root: true},
	"follow the feed": {method: "GET", path: at("/feed"), root: true},
}

// oauthErrors maps the errors of package verify to those of the table.
var oauthErrors = map[string]string{
	"invalid_request": answers["U"], "invalid_token": answers["U"], "insufficient_scope": answers["F"],
}

// sent sends the request of a cell.
func (c *cell) sent(body any) apitest.Answer {
	call := calls[c.row.call]
	if !call.root {
		return c.world.Do(call.method, call.path(c), c.secret, body)
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if c.secret != "" {
		h.Set("Authorization", "Bearer "+c.secret)
	}
	return c.world.SendTo(call.method, call.path(c), h, body)
}

// outcome returns an answer in the form of the map answers.
func (c *cell) outcome(a apitest.Answer) string {
	if a.Status >= http.StatusBadRequest {
		var e struct {
			ID     string `json:"id"`
			Status int    `json:"status_code"`
			OAuth  string `json:"error"`
		}
		if err := json.Unmarshal(a.Body, &e); err == nil && c.row != nil && calls[c.row.call].root {
			return oauthErrors[e.OAuth]
		}
		if err := json.Unmarshal(a.Body, &e); err != nil || e.Status != a.Status {
			return "an error that is none: " + string(a.Body)
		}
		return fmt.Sprint(a.Status, " ", e.ID)
	}
	field := calls[c.row.call].list
	if field == "" {
		return answers["+"]
	}
	var rows []map[string]any
	if err := json.Unmarshal(a.Body, &rows); err != nil {
		return "no list: " + string(a.Body)
	}
	for _, row := range rows {
		if row[field] != c.me.ID {
			return answers["+"]
		}
	}
	return answers["o"]
}
