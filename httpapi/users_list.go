package httpapi

import (
	"slices"
	"strings"

	"jeton"
	"jeton/web"
)

// userFilters are the parameters of GET /users that its links contain.
var userFilters = []string{"active", "inactive", "role", "roles", "order", "without_team", "not_in_team", "not_in_group"}

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

// autocompleteUsers is GET /users/autocomplete: active users by the beginning of a name.
func (a *api) autocompleteUsers(c *web.Call) (any, error) {
	active := true
	f := jeton.UserFilter{Bots: true, Active: &active, Prefix: c.Query("name"), ByTeam: given(c, "in_team", "in_channel")}
	limit := autocompleteLimit(c.Query("limit"))
	if !selectable(c) || strings.ContainsRune(f.Prefix, 0) {
		f.Prefix, limit = "", 0
	}
	users, err := a.service.Users(c.Context(), c.Actor, f, jeton.Page{Size: limit})
	return struct {
		Users []userJSON `json:"users"`
	}{visibleUsers(c, users)}, err
}

// autocompleteLimit reads a limit as Mattermost does: a value that is not a number is 0.
func autocompleteLimit(s string) int64 {
	if s == "" {
		return searchDefault
	}
	n, _ := atoi(s)
	return min(max(n, 0), searchMax)
}

// selectable reports whether the filters of the URL can select a user. There are no teams,
// channels or groups here, so a filter by one selects none.
func selectable(c *web.Call) bool { return !given(c, "in_team", "in_channel", "in_group") }

// groups are the fields of a search that name teams, channels and groups.
type groups struct {
	TeamID         string `json:"team_id"`
	NotInTeamID    string `json:"not_in_team_id"`
	InChannelID    string `json:"in_channel_id"`
	NotInChannelID string `json:"not_in_channel_id"`
	InGroupID      string `json:"in_group_id"`
}

// none reports whether the fields select no user, as selectable does.
func (g groups) none() bool { return g.TeamID+g.InChannelID+g.InGroupID != "" }

// byTeam reports whether the fields name a team or a channel.
func (g groups) byTeam() bool {
	return g.TeamID+g.NotInTeamID+g.InChannelID+g.NotInChannelID != ""
}

// given reports whether the URL has any of the parameters, with a value.
func given(c *web.Call, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return c.Query(name) != "" })
}

// userFilter reads the filters of GET /users.
func userFilter(c *web.Call) (jeton.UserFilter, error) {
	f := jeton.UserFilter{
		Bots: true, Active: activeFilter(c), Role: c.Query("role"), Roles: names(c.Query("roles")),
		ByCreate: c.Query("order") == "create_at", WithoutTeam: flag(c, "without_team"),
		ByTeam: given(c, "in_team", "not_in_team", "in_channel", "not_in_channel"),
	}
	if given(c, "in_team") {
		f.TeamRoles = names(c.Query("team_roles"))
	}
	if given(c, "in_channel") {
		f.ChannelRoles = names(c.Query("channel_roles"))
	}
	switch order := c.Query("order"); {
	case given(c, "not_in_channel") && !given(c, "in_team"):
		return f, web.InvalidURL("team_id")
	case !sortFits(c):
		return f, web.InvalidURL("sort")
	case order != "" && order != "create_at":
		return f, web.InvalidURL("order")
	case flag(c, "active") && flag(c, "inactive"):
		return f, web.InvalidURL("inactive")
	}
	return f, nil
}

// sortFits reports whether the sort of GET /users is one of Mattermost's, in a place where
// Mattermost has it: within a team, a channel or a group. As there are none here, no sort
// orders anything.
func sortFits(c *web.Call) bool {
	switch c.Query("sort") {
	case "":
		return true
	case "last_activity_at", "create_at":
		return given(c, "in_team") &&
			!given(c, "not_in_team", "in_channel", "not_in_channel", "without_team", "in_group", "not_in_group")
	case "status", "admin":
		return given(c, "in_channel")
	case "display_name":
		return given(c, "in_group") &&
			!given(c, "not_in_group", "in_team", "not_in_team", "in_channel", "not_in_channel", "without_team")
	}
	return false
}

// names splits a list at its commas, and leaves out blank names and repetitions.
func names(list string) []string {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(name) != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func activeFilter(c *web.Call) *bool {
	if active := flag(c, "active"); active || flag(c, "inactive") {
		return &active
	}
	return nil
}

// countUsers is GET /users/stats.
func (a *api) countUsers(c *web.Call) (any, error) {
	n, err := a.service.CountUsers(c.Context(), c.Actor)
	return web.Line(userCountJSON{n}), err
}

// countUsersBy is GET /users/stats/filtered.
func (a *api) countUsersBy(c *web.Call) (any, error) {
	f := jeton.UserFilter{Bots: flag(c, "include_bots"), Roles: names(c.Query("roles"))}
	if active := true; !flag(c, "include_deleted") {
		f.Active = &active
	}
	if !selectable(c) {
		f.IDs = []string{}
	}
	n, err := a.service.CountUsersBy(c.Context(), c.Actor, f)
	return web.Line(userCountJSON{n}), err
}

// userCountJSON follows model.UsersStats.
type userCountJSON struct {
	Total int64 `json:"total_users_count"`
}
