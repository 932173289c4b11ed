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

// usersByNames is POST /users/usernames. The names are in any case.
func (a *api) usersByNames(c *web.Call) (any, error) {
	names, err := stringList(c, "usernames")
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		names[i] = strings.ToLower(name)
	}
	slices.Sort(names)
	f := jeton.UserFilter{Bots: true, Names: only(slices.Compact(names), jeton.ValidUsername)}
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
		Term          string   `json:"term"`
		Role          string   `json:"role"`
		Roles         []string `json:"roles"`
		AllowInactive bool     `json:"allow_inactive"`
		Limit         int      `json:"limit"`
		groups
	}
	if err := c.Decode(&in, "props"); err != nil {
		return nil, err
	}
	switch {
	case in.Term == "":
		return nil, web.InvalidBody("term")
	case in.TeamID == "" && in.NotInChannelID != "":
		return nil, web.InvalidBody("team_id")
	case in.Limit == 0:
		in.Limit = searchDefault
	case in.Limit < 0 || in.Limit > searchMax:
		return nil, web.InvalidBody("limit")
	}
	f := jeton.UserFilter{
		Bots: true, Role: in.Role, Roles: in.Roles, Prefix: strings.TrimPrefix(in.Term, "@"), ByTeam: in.byTeam(),
	}
	if in.none() || strings.ContainsRune(f.Prefix, 0) {
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
