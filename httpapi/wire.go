package httpapi

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"jeton"
	"jeton/web"
)

// statusJSON is the answer to a change that returns no record.
type statusJSON struct {
	Status   string `json:"status"`
	Followed int    `json:"followed,omitempty"` // see jeton.Cascade
	Kept     int    `json:"kept,omitempty"`
}

func ok() statusJSON { return statusJSON{Status: "OK"} }

// userJSON follows model.User. Fields without a meaning here have Mattermost's defaults.
type userJSON struct {
	ID                  string          `json:"id"`
	CreateAt            int64           `json:"create_at,omitempty"`
	UpdateAt            int64           `json:"update_at,omitempty"`
	DeleteAt            int64           `json:"delete_at"`
	Username            string          `json:"username"`
	AuthData            string          `json:"auth_data"`
	AuthService         string          `json:"auth_service"`
	Email               string          `json:"email"`
	EmailVerified       bool            `json:"email_verified,omitempty"`
	Nickname            string          `json:"nickname"`
	FirstName           string          `json:"first_name"`
	LastName            string          `json:"last_name"`
	Position            string          `json:"position"`
	Roles               string          `json:"roles"`
	NotifyProps         json.RawMessage `json:"notify_props,omitempty"`
	LastPasswordUpdate  int64           `json:"last_password_update,omitempty"`
	FailedAttempts      int64           `json:"failed_attempts,omitempty"`
	Locale              string          `json:"locale"`
	Timezone            json.RawMessage `json:"timezone"`
	RemoteID            *string         `json:"remote_id,omitempty"`
	IsBot               bool            `json:"is_bot,omitempty"`
	BotDescription      string          `json:"bot_description,omitempty"`
	DisableWelcomeEmail bool            `json:"disable_welcome_email"`
	LastLogin           int64           `json:"last_login,omitempty"`
}

// The defaults of a new user, as recorded from Mattermost. They are texts of JSON: of a
// user's answer, a map would take most of the time.
var (
	defaultNotifyProps = json.RawMessage(`{"channel":"true","comments":"never","desktop":"mention","desktop_sound":"true",` +
		`"desktop_threads":"all","email":"true","email_threads":"all","first_name":"false","mention_keys":"","push":"mention",` +
		`"push_status":"away","push_threads":"all"}`)
	defaultTimezone = json.RawMessage(`{"automaticTimezone":"","manualTimezone":"","useAutomaticTimezone":"true"}`)
	noRemote        = ""
)

// wireUser returns a user as the user and system administrators see it.
func wireUser(u jeton.User) userJSON {
	w := userJSON{
		ID: u.ID, CreateAt: u.CreateAt, UpdateAt: u.UpdateAt, DeleteAt: u.DeleteAt, Username: u.Username, Email: u.Email,
		Nickname: u.Nickname, FirstName: u.FirstName, LastName: u.LastName, Position: u.Position,
		Roles: strings.Join(u.Roles, " "), NotifyProps: defaultNotifyProps, LastPasswordUpdate: u.LastPasswordUpdate,
		Locale: u.Locale, Timezone: defaultTimezone, IsBot: u.IsBot, BotDescription: u.BotDescription,
		EmailVerified: u.EmailVerified, LastLogin: u.LastLogin, FailedAttempts: u.FailedAttempts,
	}
	if u.Timezone != nil {
		w.Timezone, _ = json.Marshal(u.Timezone) // texts alone: it cannot fail
	}
	if !u.IsBot {
		w.RemoteID = &noRemote
	}
	return w
}

// visibleUser returns a user as the caller sees it: other users without the fields that
// Mattermost's SanitizeProfile removes.
func visibleUser(c *web.Call, u jeton.User) userJSON {
	w := wireUser(u)
	if u.ID != c.Actor.ID && !c.Actor.Holds(jeton.PermManageSystem) {
		w.NotifyProps, w.LastPasswordUpdate, w.EmailVerified, w.FailedAttempts, w.LastLogin = nil, 0, false, 0, 0
	}
	return w
}

func visibleUsers(c *web.Call, users []jeton.User) []userJSON {
	return each(users, func(u jeton.User) userJSON { return visibleUser(c, u) })
}

// botJSON follows model.Bot.
type botJSON struct {
	UserID      string `json:"user_id"`
	Username    string `json:"username"`
	DisplayName string `json:"display_name,omitempty"`
	Description string `json:"description,omitempty"`
	OwnerID     string `json:"owner_id"`
	CreateAt    int64  `json:"create_at"`
	UpdateAt    int64  `json:"update_at"`
	DeleteAt    int64  `json:"delete_at"`
}

func wireBot(u jeton.User) botJSON {
	return botJSON{
		UserID: u.ID, Username: u.Username, DisplayName: u.FirstName, Description: u.BotDescription,
		OwnerID: u.BotOwnerID, CreateAt: u.CreateAt, UpdateAt: u.UpdateAt, DeleteAt: u.DeleteAt,
	}
}

// roleJSON follows model.Role.
type roleJSON struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	DisplayName   string   `json:"display_name"`
	Description   string   `json:"description"`
	CreateAt      int64    `json:"create_at"`
	UpdateAt      int64    `json:"update_at"`
	DeleteAt      int64    `json:"delete_at"`
	Permissions   []string `json:"permissions"`
	SchemeManaged bool     `json:"scheme_managed"`
	BuiltIn       bool     `json:"built_in"`
	SchemeID      *string  `json:"scheme_id"`
}

// patchedRoleJSON adds the permissions of Mattermost that a patch left out.
type patchedRoleJSON struct {
	roleJSON
	IgnoredPermissions []string `json:"ignored_permissions,omitempty"`
}

func wireRole(r jeton.Role) roleJSON {
	return roleJSON{
		ID: r.ID, Name: r.Name, DisplayName: r.DisplayName, Description: r.Description,
		CreateAt: r.CreateAt, UpdateAt: r.UpdateAt, Permissions: append([]string{}, r.Permissions...),
		SchemeManaged: r.SchemeManaged, BuiltIn: r.BuiltIn,
	}
}

// sessionJSON follows model.Session, with an always empty token and without the property
// csrf, and adds the client's address and user agent.
type sessionJSON struct {
	ID             string            `json:"id"`
	Token          string            `json:"token"`
	CreateAt       int64             `json:"create_at"`
	ExpiresAt      int64             `json:"expires_at"`
	LastActivityAt int64             `json:"last_activity_at"`
	UserID         string            `json:"user_id"`
	DeviceID       string            `json:"device_id"`
	Roles          string            `json:"roles"`
	IsOAuth        bool              `json:"is_oauth"`
	ExpiredNotify  bool              `json:"expired_notify"`
	Props          map[string]string `json:"props"`
	TeamMembers    []struct{}        `json:"team_members"`
	Local          bool              `json:"local"`
	Address        string            `json:"address"`
	UserAgent      string            `json:"user_agent"`
}

func wireSession(owner jeton.Owner, s jeton.Session) sessionJSON {
	return sessionJSON{
		ID: s.ID, CreateAt: s.CreateAt, ExpiresAt: s.ExpiresAt, LastActivityAt: s.LastActivityAt, UserID: s.UserID,
		DeviceID: s.DeviceID, Roles: strings.Join(owner.Roles, " "), Props: sessionProps(owner, s), TeamMembers: []struct{}{},
		Address: s.Address, UserAgent: s.UserAgent,
	}
}

// sessionProps are the properties that Mattermost gives a session at log-in, but csrf,
// which is a secret.
func sessionProps(owner jeton.Owner, s jeton.Session) map[string]string {
	d := deviceOf(s.UserAgent)
	return map[string]string{
		"platform": d.platform, "os": d.os, "browser": d.browser,
		"isMobile": strconv.FormatBool(d.mobile || s.DeviceID != ""), "isSaml": "false", "isOAuthUser": "false",
		"is_guest": strconv.FormatBool(slices.Contains(owner.Roles, guestRole)),
	}
}

// guestRole is the name of Mattermost's role of guests.
const guestRole = "system_guest"

// each applies wire to each item of a list. The result is never nil, so that an empty
// list is [] in JSON.
func each[T, W any](in []T, wire func(T) W) []W {
	out := make([]W, 0, len(in))
	for _, v := range in {
		out = append(out, wire(v))
	}
	return out
}
