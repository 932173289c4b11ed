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
	TokenIntrospect Action = "token.introspect" // to ask whose another's secret is
	FeedRead        Action = "feed.read"        // to hear what caches must forget
	StoreSeed       Action = "store.seed"       // bulk work on the server's machine
)

// Actor is who makes the present request.
type Actor struct {
	Owner            // the user or bot that acts
	Kind      Kind   // how it came: by a token or a session; KindNone: on the server's machine
	ViaID     string // the token's or session's id
	Scopes    Scopes // nil: not narrowed
	ExpiresAt int64  // of the token or session; 0: never
	Since     int64  // when the token or session was made
	Address   string // the client's address
	Network   string // the same as the log-in guard counts it
	roles     *RoleTable
}

// Local returns the actor of what is done on the server's own machine: it may do
// everything.
func Local() Actor { return Actor{Owner: Owner{ID: ActorLocal}} }

func (a Actor) isLocal() bool { return a.ID == ActorLocal && a.Kind == KindNone }

// Via returns how the actor came, for the journal.
func (a Actor) Via() string {
	switch a.Kind {
	case KindToken:
		return "token:" + a.ViaID
	case KindSession:
		return "session:" + a.ViaID
	}
	return ""
}

// Narrowed reports whether the actor came by a token cut to a list of permissions.
func (a Actor) Narrowed() bool { return a.Scopes != nil }

// Holds reports whether the actor has the permission: its roles grant it, and
// the token it came by lets it through.
func (a Actor) Holds(permission string) bool {
	if a.isLocal() {
		return true
	}
	return a.Scopes.Has(permission) && a.roles != nil && a.roles.Grants(a.Roles, permission)
}

// Permissions returns all that the actor holds, sorted: what its roles grant, cut
// to the scopes of the token it came by.
func (a Actor) Permissions() []string {
	if a.roles == nil {
		return nil
	}
	all := a.roles.Permissions(a.Roles)
	return slices.DeleteFunc(all, func(p string) bool { return !a.Scopes.Has(p) })
}

// holdsAll reports whether the actor may give each of the permissions: nobody
// gives what he does not have, but for whoever manages the system.
func (a Actor) holdsAll(permissions []string) bool {
	return a.Holds(PermManageSystem) || !slices.ContainsFunc(permissions, func(p string) bool { return !a.Holds(p) })
}

// whom says which targets an action reaches without and with a further permission.
type whom int

const (
	nobody    whom = iota // the action has no target, or the gate alone decides
	self                  // one's own; another's with the row's other permission
	ownerRule             // a token's owner, by Mattermost's rule: see reaches
	botRule               // a bot: one's own with own, another's with other
)

// gives says how much an action may lend its doer of the target's power.
type gives int

const (
	nothing    gives = iota
	adminsOnly       // a system administrator is touched by those who manage the system only
	everything       // another's: the actor must hold every permission that the target holds
)

// rule is one row of the access table.
type rule struct {
	anyone bool     // whoever is logged in, by a narrowed token too
	open   string   // whoever is logged in; by a narrowed token only with this permission
	gate   []string // all of these, whatever the target
	whom   whom
	own    string // botRule: needed for one's own bot
	other  string // needed for another's
	all    bool   // botRule: other reaches one's own bot too
	gives  gives
}

// access is the one table of who may do what to whom. Two rules stand outside
// it, for all rows: a narrowed token passes only by a permission that the row
// names and it holds, and what is done on the server's own machine passes always.
var access = map[Action]rule{
	TokenCreate:     {gate: []string{PermCreateToken}, whom: ownerRule, gives: everything},
	TokenRead:       {gate: []string{PermReadToken}, whom: ownerRule},
	TokenListAll:    {gate: []string{PermManageSystem}},
	TokenSearch:     {gate: []string{PermManageSystem}},
	TokenRevoke:     {gate: []string{PermRevokeToken}, whom: ownerRule},
	TokenDisable:    {gate: []string{PermRevokeToken}, whom: ownerRule},
	TokenEnable:     {gate: []string{PermCreateToken}, whom: ownerRule, gives: everything},
	SessionList:     {whom: self, other: PermEditOtherUsers},
	SessionRevoke:   {whom: self, other: PermEditOtherUsers},
	SessionsRevoke:  {whom: self, other: PermEditOtherUsers},
	UserMe:          {anyone: true},
	UserRead:        {whom: self, other: PermViewMembers},
	UserList:        {open: PermViewMembers},
	UserCreate:      {gate: []string{PermManageSystem}},
	UserUpdate:      {whom: self, other: PermEditOtherUsers, gives: adminsOnly},
	UserEmail:       {whom: self, other: PermEditOtherUsers, gives: everything},
	UserPassword:    {whom: self, other: PermWriteUsers, gives: everything},
	UserRoles:       {gate: []string{PermManageRoles}, gives: everything},
	UserActivate:    {gate: []string{PermWriteUsers}, gives: everything},
	UserDeactivate:  {gate: []string{PermWriteUsers}, gives: everything},
	UserDelete:      {whom: self, other: PermEditOtherUsers, gives: everything},
	RoleRead:        {open: permReadPermissions},
	RoleListAll:     {gate: []string{PermManageSystem}},
	RoleCreate:      {gate: []string{PermWritePermissions, PermWriteSystemRoles}},
	RolePatch:       {gate: []string{PermWritePermissions}},
	RoleDelete:      {gate: []string{PermWritePermissions, PermWriteSystemRoles}},
	BotCreate:       {gate: []string{PermCreateBot}},
	BotRead:         {whom: botRule, own: PermReadBots, other: PermReadOthersBots, all: true},
	BotUpdate:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots},
	BotEnable:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots, gives: everything},
	BotDisable:      {whom: botRule, own: PermManageBots, other: PermManageOthersBots, gives: everything},
	BotAssign:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots},
	AuditListAll:    {gate: []string{PermManageSystem}},
	AuditList:       {whom: self, other: PermEditOtherUsers},
	TokenIntrospect: {gate: []string{PermIntrospect}},
	FeedRead:        {gate: []string{PermIntrospect}},
}

// permit answers as far as the actor alone decides: nil, unauthenticated or
// forbidden.
func (a Actor) permit(action Action) error {
	r, known := access[action]
	switch {
	case !known:
		return fail(CodeForbidden)
	case a.isLocal():
		return nil
	case a.ID == "":
		return fail(CodeUnauthenticated)
	}
	for _, p := range r.gate {
		if !a.Holds(p) {
			return fail(CodeForbidden)
		}
	}
	if r.open != "" && a.Narrowed() && !a.Holds(r.open) {
		return fail(CodeForbidden)
	}
	return nil
}

// permitOn answers for an action on a target, the gate included.
func (a Actor) permitOn(action Action, target Owner) error {
	if err := a.permit(action); err != nil || a.isLocal() {
		return err
	}
	r := access[action]
	if !a.reaches(r, target) {
		return fail(CodeForbidden)
	}
	switch r.gives {
	case adminsOnly:
		if target.IsSystemAdmin() && !a.Holds(PermManageSystem) {
			return fail(CodeForbidden)
		}
	case everything:
		// On one's own account a narrowed token may not reach for what it was cut
		// off from; tokens have the finer rule of their scopes.
		differs := target.ID != a.ID || a.Narrowed() && r.whom != ownerRule
		if differs && !a.holdsAll(a.roles.Permissions(target.Roles)) {
			return fail(CodeForbidden)
		}
	}
	return nil
}

// reaches is the part of a row that depends on whose the target is. A bot's
// owner and the managers of others' bots reach it; the bot itself does not, and
// edit_other_users does not help (Mattermost's SessionHasPermissionToUserOrBot).
func (a Actor) reaches(r rule, target Owner) bool {
	switch r.whom {
	case self:
		return (target.ID == a.ID && !a.Narrowed()) || a.Holds(r.other)
	case ownerRule:
		if !target.IsBot {
			return target.ID == a.ID || a.Holds(PermEditOtherUsers)
		}
		if target.BotOwnerID == a.ID {
			return a.Holds(PermManageBots)
		}
		return a.Holds(PermManageOthersBots)
	case botRule:
		if target.BotOwnerID == a.ID && !r.all {
			return a.Holds(r.own)
		}
		return a.Holds(r.other) || target.BotOwnerID == a.ID && a.Holds(r.own)
	}
	return true
}
