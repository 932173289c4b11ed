package jeton

// whom says which targets an action is allowed on.
type whom int

const (
	anyTarget whom = iota // the action has no target, or gate alone decides
	self                  // the actor itself; another user with the permission other
	ownerRule             // the owner of a token, by Mattermost's rule: see reaches
	botRule               // a bot: the actor's own with own, another user's with other
)

// gives says how much of the target's power the actor can gain by the action, and
// so what the actor must hold already.
type gives int

const (
	nothing    gives = iota
	adminsOnly       // to act on a system administrator the actor must hold manage_system
	everything       // to act on another user the actor must hold every permission that the user holds
)

// rule is one row of the access table.
type rule struct {
	anyone bool     // every authenticated actor, with any narrowed token too
	open   string   // every authenticated actor; with a narrowed token only if it holds this permission
	gate   []string // all of these are needed, whatever the target
	whom   whom
	own    string // botRule: needed for the actor's own bot
	other  string // needed for another user, or another user's bot
	all    bool   // botRule: other allows the actor's own bot too
	gives  gives
}

// access is the one table of which actor is allowed which action on which target.
// Two rules apply to all rows and are not in the table: a narrowed token is allowed
// an action only by a permission that the row names and the token holds, and a
// command on the server's own machine is always allowed.
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
	UserListNoTeam:  {gate: []string{permListNoTeam}},
	UserListTeam:    {gate: []string{PermManageSystem}},
	UserKnown:       {open: PermViewMembers},
	UserCount:       {open: PermViewMembers},
	UserCountBy:     {gate: []string{permReadUsers}},
	UserPreferences: {whom: self, other: PermEditOtherUsers},
	UserTeams:       {whom: self, other: permReadUsers},
	UserTeamMembers: {whom: self, other: PermEditOtherUsers},
	UserTeamsUnread: {whom: self, other: PermManageSystem},
	UserCreate:      {gate: []string{PermManageSystem}},
	UserUpdate:      {whom: self, other: PermEditOtherUsers, gives: adminsOnly},
	UserName:        {whom: self, other: PermEditOtherUsers, gives: everything},
	UserEmail:       {whom: self, other: PermEditOtherUsers, gives: everything},
	UserPassword:    {whom: self, other: PermWriteUsers, gives: everything},
	UserUnlock:      {gate: []string{PermWriteUsers}, gives: adminsOnly},
	UserRoles:       {gate: []string{PermManageRoles}, gives: everything},
	UserActivate:    {gate: []string{PermWriteUsers}, gives: everything},
	UserDeactivate:  {gate: []string{PermWriteUsers}, gives: everything},
	UserDelete:      {whom: self, other: PermEditOtherUsers, gives: everything},
	UserToBot:       {gate: []string{PermManageSystem}, gives: everything},
	UserPromote:     {gate: []string{permPromoteGuest}, gives: everything},
	UserDemote:      {anyone: true}, // and refused to all: see DemoteToGuest
	RoleRead:        {open: permReadPermissions},
	RoleListAll:     {gate: []string{PermManageSystem}},
	RoleCreate:      {gate: []string{PermWritePermissions, PermWriteSystemRoles}},
	RolePatch:       {gate: []string{PermWritePermissions}},
	RoleDelete:      {gate: []string{PermWritePermissions, PermWriteSystemRoles}},
	BotCreate:       {gate: []string{PermCreateBot}},
	BotRead:         {whom: botRule, own: PermReadBots, other: PermReadOthersBots, all: true},
	BotUpdate:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots},
	BotRename:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots, gives: everything},
	BotEnable:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots, gives: everything},
	BotDisable:      {whom: botRule, own: PermManageBots, other: PermManageOthersBots, gives: everything},
	BotAssign:       {whom: botRule, own: PermManageBots, other: PermManageOthersBots, gives: everything},
	BotToUser:       {gate: []string{PermManageSystem}, gives: everything},
	AuditListAll:    {gate: []string{PermManageSystem}},
	AuditList:       {whom: self, other: PermEditOtherUsers},
	SystemLimits:    {open: permReadUsers},
	SystemRead:      {gate: []string{PermManageSystem}},
	TokenIntrospect: {gate: []string{PermIntrospect}},
	FeedRead:        {gate: []string{PermIntrospect}},
	SessionDevice:   {whom: self},

	SessionsRevokeEvery: {gate: []string{PermManageSystem}},
}

// permit checks what does not depend on the target. It returns nil,
// CodeUnauthenticated or CodeForbidden.
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

// permitOn checks an action on a target; it includes permit. A refusal names the target.
func (a Actor) permitOn(action Action, target Owner) error {
	return aim(a.checkOn(action, target), "", target.ID)
}

func (a Actor) checkOn(action Action, target Owner) error {
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
		// A narrowed token must not regain through its own account the permissions
		// that its scopes took away. For tokens passOn and Scopes.Covers check that.
		differs := target.ID != a.ID || a.Narrowed() && r.whom != ownerRule
		if differs && !a.holdsAll(a.roles.Permissions(target.Roles)) {
			return fail(CodeForbidden)
		}
	}
	return nil
}

// permitOnEvery reports whether an action is allowed on every target, so that the target
// need not be read.
func (a Actor) permitOnEvery(action Action) bool {
	const other = "another user" // no id
	for _, target := range []Owner{{ID: other}, {ID: other, IsBot: true, BotOwnerID: a.ID}, {ID: other, IsBot: true, BotOwnerID: other}} {
		if a.permitOn(action, target) != nil {
			return false
		}
	}
	return access[action].gives == nothing
}

// reaches checks the part of a row that depends on the target. A bot is within reach
// of its owner and of actors that manage others' bots; being the bot itself, or
// holding edit_other_users, does not help (Mattermost's SessionHasPermissionToUserOrBot).
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
