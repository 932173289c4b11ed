package jeton

import "slices"

// Action names a use case: in the access table, in the journal and in the counts
// of refusals.
type Action string

// The actions.
const (
	TokenCreate     Action = "token.create"
	TokenRead       Action = "token.read"
	TokenListAll    Action = "token.list_all"
	TokenSearch     Action = "token.search"
	TokenRevoke     Action = "token.revoke"
	TokenDisable    Action = "token.disable"
	TokenEnable     Action = "token.enable"
	SessionCreate   Action = "session.create" // log-in
	SessionEnd      Action = "session.end"    // log-out
	SessionList     Action = "session.list"
	SessionRevoke   Action = "session.revoke"
	SessionsRevoke  Action = "session.revoke_all"
	UserMe          Action = "user.me"
	UserRead        Action = "user.read"
	UserList        Action = "user.list"
	UserListNoTeam  Action = "user.list_without_team"
	UserListTeam    Action = "user.list_team" // by a team or channel, in it or not
	UserKnown       Action = "user.known"     // the users that share a channel with the actor
	UserCount       Action = "user.count"
	UserCountBy     Action = "user.count_filtered"
	UserPreferences Action = "user.preferences"
	UserTeams       Action = "user.teams"
	UserTeamMembers Action = "user.team_members"
	UserTeamsUnread Action = "user.teams_unread"
	UserCreate      Action = "user.create"
	UserUpdate      Action = "user.update"
	UserName        Action = "user.username"
	UserEmail       Action = "user.email"
	UserPassword    Action = "user.password"
	UserUnlock      Action = "user.unlock"
	UserRoles       Action = "user.roles"
	UserActivate    Action = "user.activate"
	UserDeactivate  Action = "user.deactivate"
	UserDelete      Action = "user.delete"
	UserToBot       Action = "user.convert_to_bot"
	UserPromote     Action = "user.promote" // a guest
	UserDemote      Action = "user.demote"  // to a guest
	RoleRead        Action = "role.read"
	RoleListAll     Action = "role.list_all"
	RoleCreate      Action = "role.create"
	RolePatch       Action = "role.patch"
	RoleDelete      Action = "role.delete"
	BotCreate       Action = "bot.create"
	BotRead         Action = "bot.read"
	BotUpdate       Action = "bot.update"
	BotRename       Action = "bot.rename"
	BotEnable       Action = "bot.enable"
	BotDisable      Action = "bot.disable"
	BotAssign       Action = "bot.assign"
	BotToUser       Action = "bot.convert_to_user"
	AuditListAll    Action = "audit.list_all"
	AuditList       Action = "audit.list"
	SystemLimits    Action = "system.limits"
	SystemRead      Action = "system.read"      // its settings and its state
	TokenIntrospect Action = "token.introspect" // introspection of any user's token
	FeedRead        Action = "feed.read"        // reading the feed that keeps caches up to date
	StoreSeed       Action = "store.seed"       // bulk load on the server's own machine
	StoreRestore    Action = "store.restore"    // a backup was put in place
	TokenExpire     Action = "token.expire"     // removal of tokens that expired long ago
	SessionDevice   Action = "session.device"

	SessionsRevokeEvery Action = "session.revoke_every" // the sessions of all users
)

// unchecked are the actions that the access table does not have.
var unchecked = []Action{SessionCreate, SessionEnd, StoreSeed, StoreRestore, TokenExpire}

// Known reports whether a is an action of this program.
func (a Action) Known() bool {
	_, checked := access[a]
	return checked || slices.Contains(unchecked, a)
}
