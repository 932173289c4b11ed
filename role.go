package jeton

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Role is a named set of permissions.
type Role struct {
	ID            string
	Name          string
	DisplayName   string
	Description   string
	CreateAt      int64
	UpdateAt      int64
	Permissions   []string
	SchemeManaged bool
	BuiltIn       bool
}

// NewRole is what a caller asks for.
type NewRole struct {
	Name, DisplayName, Description string
	Permissions                    []string
}

// Names of the roles that the code knows.
const (
	RoleSystemAdmin = "system_admin"
	RoleSystemUser  = "system_user"
)

// The permissions that the access table names.
const (
	PermManageSystem          = "manage_system"
	PermCreateToken           = "create_user_access_token"
	PermReadToken             = "read_user_access_token"
	PermRevokeToken           = "revoke_user_access_token"
	PermEditOtherUsers        = "edit_other_users"
	PermCreateBot             = "create_bot"
	PermAssignBot             = "assign_bot"
	PermManageBots            = "manage_bots"
	PermManageOthersBots      = "manage_others_bots"
	PermReadBots              = "read_bots"
	PermReadOthersBots        = "read_others_bots"
	PermManageRoles           = "manage_roles"
	PermViewMembers           = "view_members"
	PermWriteUsers            = "sysconsole_write_user_management_users"
	PermWritePermissions      = "sysconsole_write_user_management_permissions"
	PermWriteSystemRoles      = "sysconsole_write_user_management_system_roles"
	PermIntrospect            = "introspect_tokens"
	permReadSystemRoles       = "sysconsole_read_user_management_system_roles"
	permReadPermissions       = "sysconsole_read_user_management_permissions"
	permReadUsers             = "sysconsole_read_user_management_users"
	permReadBotAccounts       = "sysconsole_read_integrations_bot_accounts"
	permWriteBotAccounts      = "sysconsole_write_integrations_bot_accounts"
	permReadIntegrations      = "sysconsole_read_integrations_integration_management"
	permWriteIntegrations     = "sysconsole_write_integrations_integration_management"
	roleNameMax               = 64
	roleDisplayNameMax        = 128
	roleDescriptionMax        = 1024
	maxRolePermissions        = 1000
	maxRoleNamesAsked         = 100
	rolePrefixText            = "authentication.roles."
	roleSystemTokenVerifier   = "system_token_verifier"
	roleSystemUserAccessToken = "system_user_access_token"
)

// builtInPermissions are the names without a colon that may stand in a role:
// those of Mattermost that mean something here, and introspect_tokens.
var builtInPermissions = []string{
	PermManageSystem, PermCreateToken, PermReadToken, PermRevokeToken, PermEditOtherUsers,
	PermCreateBot, PermAssignBot, PermManageBots, PermManageOthersBots, PermReadBots, PermReadOthersBots,
	PermManageRoles, "assign_system_admin_role", PermViewMembers,
	PermWriteUsers, permReadUsers, PermWritePermissions, permReadPermissions, PermWriteSystemRoles,
	permReadBotAccounts, permWriteBotAccounts, permReadIntegrations, permWriteIntegrations,
	"manage_jobs", "list_users_without_team", "promote_guest", "demote_to_guest",
	PermIntrospect,
}

// protectedPermissions may be neither put into a role nor taken out of one, so
// that nobody locks everybody out or makes himself a second kind of administrator.
var protectedPermissions = []string{PermManageSystem, PermManageRoles, permReadSystemRoles, PermWriteSystemRoles}

// adminOnlyRoles are the roles whose permissions only a system administrator patches.
var adminOnlyRoles = []string{RoleSystemAdmin, "system_manager", "system_user_manager", "system_read_only_admin"}

// commonRoles may be patched without the permission for system roles.
var commonRoles = []string{RoleSystemUser, "system_guest"}

var ownPermission = regexp.MustCompile(`^[a-z0-9_.-]{1,32}(:[a-z0-9_.*-]{1,32}){1,3}$`)

// ValidPermission reports whether p is a name that a role or a scope may hold: a
// built-in one, or one of the organisation's own, which always has a colon.
func ValidPermission(p string) bool {
	return slices.Contains(builtInPermissions, p) || ownPermission.MatchString(p)
}

// ValidRoleName reports whether s may name a role.
func ValidRoleName(s string) bool {
	return s != "" && len(s) <= roleNameMax && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (r Role) validate() error {
	ok := ValidRoleName(r.Name) && r.DisplayName != "" && len(r.DisplayName) <= roleDisplayNameMax &&
		utf8.RuneCountInString(r.Description) <= roleDescriptionMax && validText(r.DisplayName) && validText(r.Description) &&
		len(r.Permissions) <= maxRolePermissions
	if !ok || !allValid(r.Permissions) {
		return fail(CodeRoleInvalid)
	}
	return nil
}

func allValid(permissions []string) bool {
	return !slices.ContainsFunc(permissions, func(p string) bool { return !ValidPermission(p) })
}

// DefaultRoles returns the roles that every database holds, without ids and
// times. A store adds those that are missing and leaves the others as they are.
func DefaultRoles() []Role {
	role := func(name string, schemeManaged bool, permissions ...string) Role {
		return Role{
			Name: name, BuiltIn: true, SchemeManaged: schemeManaged, Permissions: permissions,
			DisplayName: rolePrefixText + name + ".name", Description: rolePrefixText + name + ".description",
		}
	}
	return []Role{
		role(RoleSystemAdmin, true, builtInPermissions...),
		role(RoleSystemUser, true, PermViewMembers),
		role(roleSystemUserAccessToken, false, PermCreateToken, PermReadToken, PermRevokeToken),
		role("system_guest", true),
		role("system_manager", false, PermWritePermissions, permReadPermissions, permReadBotAccounts,
			permWriteBotAccounts, permReadIntegrations, permWriteIntegrations),
		role("system_user_manager", false, permReadPermissions),
		role("system_read_only_admin", false, permReadUsers, permReadPermissions, permReadBotAccounts, permReadIntegrations),
		role(roleSystemTokenVerifier, false, PermIntrospect),
	}
}

// RoleTable is all roles at one moment, to be read by many and changed by none.
type RoleTable struct {
	byName map[string]Role
	held   map[string]map[string]bool // role name -> its permissions
}

// NewRoleTable makes a table of the roles.
func NewRoleTable(roles []Role) *RoleTable {
	t := &RoleTable{byName: make(map[string]Role, len(roles)), held: make(map[string]map[string]bool, len(roles))}
	for _, r := range roles {
		set := make(map[string]bool, len(r.Permissions))
		for _, p := range r.Permissions {
			set[p] = true
		}
		t.byName[r.Name], t.held[r.Name] = r, set
	}
	return t
}

// Role returns the role of that name.
func (t *RoleTable) Role(name string) (Role, bool) {
	r, ok := t.byName[name]
	return r, ok
}

// Grants reports whether any of the named roles holds the permission. A name
// without a role grants nothing.
func (t *RoleTable) Grants(roles []string, permission string) bool {
	for _, name := range roles {
		if t.held[name][permission] {
			return true
		}
	}
	return false
}

// Permissions returns all permissions of the named roles, sorted.
func (t *RoleTable) Permissions(roles []string) []string {
	all := map[string]bool{}
	for _, name := range roles {
		maps.Copy(all, t.held[name])
	}
	return slices.Sorted(maps.Keys(all))
}
