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
	UserCreate      Action = "user.create"
	UserUpdate      Action = "user.update"
	UserEmail       Action = "user.email"
	UserPassword    Action = "user.password"
	UserRoles       Action = "user.roles"
	UserActivate    Action = "user.activate"
	UserDeactivate  Action = "user.deactivate"
	UserDelete      Action = "user.delete"
	RoleRead        Action = "role.read"
	RoleListAll     Action = "role.list_all"
	RoleCreate      Action = "role.create"
	RolePatch       Action = "role.patch"
	RoleDelete      Action = "role.delete"
	BotCreate       Action = "bot.create"
	BotRead         Action = "bot.read"
	BotUpdate       Action = "bot.update"
	BotEnable       Action = "bot.enable"
	BotDisable      Action = "bot.disable"
	BotAssign       Action = "bot.assign"
	AuditListAll    Action = "audit.list_all"
	AuditList       Action = "audit.list"
	TokenIntrospect Action = "token.introspect" // introspection of any user's token
	FeedRead        Action = "feed.read"        // reading the feed that keeps caches up to date
	StoreSeed       Action = "store.seed"       // bulk load on the server's own machine
)

// unchecked are the actions that the access table does not have.
var unchecked = []Action{SessionCreate, SessionEnd, StoreSeed}

// Known reports whether a is an action of this program.
func (a Action) Known() bool {
	_, checked := access[a]
	return checked || slices.Contains(unchecked, a)
}
