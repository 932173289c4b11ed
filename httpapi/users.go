package httpapi

import (
	"slices"
	"strconv"
	"strings"

	"jeton"
	"jeton/web"
)

// getUser is GET /users/{user_id}. "me" is the caller's own record, which every narrowed
// token can read.
func (a *api) getUser(c *web.Call) (any, error) {
	if pathParam(c.Request, "user_id") == "me" {
		u, err := a.service.Me(c.Context(), c.Actor)
		return userReply(c, u), err
	}
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	u, err := a.service.User(c.Context(), c.Actor, id)
	return userReply(c, u), err
}

// getUserByName is GET /users/username/{username}.
func (a *api) getUserByName(c *web.Call) (any, error) {
	u, err := a.service.UserByName(c.Context(), c.Actor, pathParam(c.Request, "username"))
	return userReply(c, u), err
}

// getUserByEmail is GET /users/email/{email}.
func (a *api) getUserByEmail(c *web.Call) (any, error) {
	u, err := a.service.UserByEmail(c.Context(), c.Actor, pathParam(c.Request, "email"))
	return userReply(c, u), err
}

func userReply(c *web.Call, u jeton.User) web.Reply {
	return web.Reply{Value: visibleUser(c, u), Line: true, Tagged: true}
}

// userFilters are the parameters of GET /users that its links contain.
var userFilters = []string{"active", "inactive", "role", "roles", "sort"}

// listUsers is GET /users.
func (a *api) listUsers(c *web.Call) (any, error) {
	f, err := userFilter(c)
	if err != nil {
		return nil, err
	}
	p := page(c)
	if !selectable(c) {
		p.Size = 0
	}
	users, err := a.service.Users(c.Context(), c.Actor, f, p)
	if err != nil {
		return nil, err
	}
	a.listHeaders(c, p, len(users), unknownTotal, userFilters...)
	return visibleUsers(c, users), nil
}

// selectable reports whether the filters of GET /users can select a user. There are no
// teams, channels or groups here, so a filter by one selects none.
func selectable(c *web.Call) bool {
	return c.Query("in_team") == "" && c.Query("in_channel") == "" && c.Query("in_group") == ""
}

// userFilter reads the filters of GET /users.
func userFilter(c *web.Call) (jeton.UserFilter, error) {
	f := jeton.UserFilter{Bots: true, Role: c.Query("role"), Active: activeFilter(c)}
	if flag(c, "active") && flag(c, "inactive") {
		return f, web.InvalidURL("inactive")
	}
	switch c.Query("sort") {
	case "":
	case "create_at":
		f.ByCreate = true
	default:
		return f, web.InvalidURL("sort")
	}
	if roles := c.Query("roles"); roles != "" {
		if f.Role != "" && f.Role != roles || strings.Contains(roles, ",") {
			return f, web.InvalidURL("roles")
		}
		f.Role = roles
	}
	return f, nil
}

func activeFilter(c *web.Call) *bool {
	if active := flag(c, "active"); active || flag(c, "inactive") {
		return &active
	}
	return nil
}

// usersByIDs is POST /users/ids.
func (a *api) usersByIDs(c *web.Call) (any, error) {
	ids, err := stringList(c, "user_ids")
	if err != nil {
		return nil, err
	}
	f := jeton.UserFilter{Bots: true, IDs: only(ids, jeton.ValidID)}
	if since := c.Query("since"); since != "" {
		if f.NewerMS, err = strconv.ParseInt(since, 10, 64); err != nil {
			return nil, web.InvalidBody("since") // body, as Mattermost says
		}
	}
	return a.users(c, f, len(f.IDs))
}

// usersByNames is POST /users/usernames.
func (a *api) usersByNames(c *web.Call) (any, error) {
	names, err := stringList(c, "usernames")
	if err != nil {
		return nil, err
	}
	f := jeton.UserFilter{Bots: true, Names: only(names, jeton.ValidUsername)}
	return a.users(c, f, len(f.Names))
}

// users answers with at most limit users that the filter selects.
func (a *api) users(c *web.Call, f jeton.UserFilter, limit int) (any, error) {
	users, err := a.service.Users(c.Context(), c.Actor, f, jeton.Page{Size: int64(limit)})
	return visibleUsers(c, users), err
}

// Limits of a search.
const (
	searchDefault = 100
	searchMax     = 1000
)

// searchUsers is POST /users/search: it finds users by the beginning of a name or an
// e-mail address.
func (a *api) searchUsers(c *web.Call) (any, error) {
	var in struct {
		Term          string `json:"term"`
		Role          string `json:"role"`
		AllowInactive bool   `json:"allow_inactive"`
		Limit         int    `json:"limit"`
	}
	if err := c.Decode(&in, "props"); err != nil {
		return nil, err
	}
	switch {
	case in.Term == "":
		return nil, web.InvalidBody("term")
	case in.Limit == 0:
		in.Limit = searchDefault
	case in.Limit < 0 || in.Limit > searchMax:
		return nil, web.InvalidBody("limit")
	}
	f := jeton.UserFilter{Bots: true, Role: in.Role, Prefix: strings.TrimPrefix(in.Term, "@")}
	if strings.ContainsRune(f.Prefix, 0) {
		f.Prefix, in.Limit = "", 0 // no name contains NUL, and PostgreSQL rejects it
	}
	if active := true; !in.AllowInactive {
		f.Active = &active
	}
	return a.users(c, f, in.Limit)
}

// stringList reads a body that is a list of strings, and returns it sorted and without
// duplicates.
func stringList(c *web.Call, param string) ([]string, error) {
	var in []string
	err := c.Decode(&in, param)
	if jeton.CodeOf(err) == jeton.CodeInvalidBody {
		return nil, &jeton.Error{Code: jeton.CodePayload}
	}
	if err == nil && len(in) == 0 {
		err = web.InvalidBody(param)
	}
	if err == nil && len(in) > jeton.MaxListed {
		err = &jeton.Error{Code: jeton.CodeListTooLong, Param: strconv.Itoa(jeton.MaxListed)}
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(in)
	return slices.Compact(in), nil
}

// only returns the valid strings; never nil.
func only(in []string, valid func(string) bool) []string {
	return append([]string{}, slices.DeleteFunc(in, func(s string) bool { return !valid(s) })...)
}
