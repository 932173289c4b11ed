package jeton

import (
	"regexp"
	"slices"
)

// The permissions that the access table names.
const (
	PermManageSystem      = "manage_system"
	PermCreateToken       = "create_user_access_token"
	PermReadToken         = "read_user_access_token"
	PermRevokeToken       = "revoke_user_access_token"
	PermEditOtherUsers    = "edit_other_users"
	PermCreateBot         = "create_bot"
	PermAssignBot         = "assign_bot"
	PermManageBots        = "manage_bots"
	PermManageOthersBots  = "manage_others_bots"
	PermReadBots          = "read_bots"
	PermReadOthersBots    = "read_others_bots"
	PermManageRoles       = "manage_roles"
	PermViewMembers       = "view_members"
	PermWriteUsers        = "sysconsole_write_user_management_users"
	PermWritePermissions  = "sysconsole_write_user_management_permissions"
	PermWriteSystemRoles  = "sysconsole_write_user_management_system_roles"
	PermIntrospect        = "introspect_tokens"
	permReadSystemRoles   = "sysconsole_read_user_management_system_roles"
	permReadPermissions   = "sysconsole_read_user_management_permissions"
	permReadUsers         = "sysconsole_read_user_management_users"
	permReadBotAccounts   = "sysconsole_read_integrations_bot_accounts"
	permWriteBotAccounts  = "sysconsole_write_integrations_bot_accounts"
	permReadIntegrations  = "sysconsole_read_integrations_integration_management"
	permWriteIntegrations = "sysconsole_write_integrations_integration_management"
	permListNoTeam        = "list_users_without_team"
	permPromoteGuest      = "promote_guest"
	permDemoteToGuest     = "demote_to_guest"
)

// builtInPermissions are the permissions without a colon that a role can hold:
// those of Mattermost that mean something here, and introspect_tokens.
var builtInPermissions = []string{
	PermManageSystem, PermCreateToken, PermReadToken, PermRevokeToken, PermEditOtherUsers,
	PermCreateBot, PermAssignBot, PermManageBots, PermManageOthersBots, PermReadBots, PermReadOthersBots,
	PermManageRoles, "assign_system_admin_role", PermViewMembers,
	PermWriteUsers, permReadUsers, PermWritePermissions, permReadPermissions, PermWriteSystemRoles,
	permReadBotAccounts, permWriteBotAccounts, permReadIntegrations, permWriteIntegrations,
	"manage_jobs", permListNoTeam, permPromoteGuest, permDemoteToGuest,
	PermIntrospect,
}

// protectedPermissions can be neither added to a role nor removed from one: that
// could leave the server without an administrator, or create a second kind of one.
var protectedPermissions = []string{PermManageSystem, PermManageRoles, permReadSystemRoles, PermWriteSystemRoles}

// ancillaryPermissions are those that Mattermost's console adds to a role beside one of
// its own permissions. Two of them mean nothing here, and no role can hold them.
var ancillaryPermissions = map[string][]string{
	permReadUsers:  {"read_other_users_teams", "get_analytics"},
	PermWriteUsers: {PermEditOtherUsers, permDemoteToGuest, permPromoteGuest},
}

var ownPermission = regexp.MustCompile(`^[a-z0-9_.-]{1,32}(:[a-z0-9_.*-]{1,32}){1,3}$`)

// ValidPermission reports whether p can stand in a role or in scopes: a built-in
// permission, or one of the organisation's own, which always has a colon.
func ValidPermission(p string) bool {
	return slices.Contains(builtInPermissions, p) || ownPermission.MatchString(p)
}

// firstInvalid returns the first name that is no permission; false: there is none.
func firstInvalid(permissions []string) (string, bool) {
	at := slices.IndexFunc(permissions, func(p string) bool { return !ValidPermission(p) })
	if at < 0 {
		return "", false
	}
	return permissions[at], true
}
