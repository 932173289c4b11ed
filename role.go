package jeton

import (
	"maps"
	"slices"
	"strconv"
	"strings"
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

// PatchedRole is a role after a patch of its permissions.
type PatchedRole struct {
	Role
	Ignored []string // permissions of Mattermost in the patch that mean nothing here: the role does not hold them
}

// NewRole is a role that a caller asks to create.
type NewRole struct {
	Name, DisplayName, Description string
	Permissions                    []string
}

// Names of the roles that the code depends on.
const (
	RoleSystemAdmin = "system_admin"
	RoleSystemUser  = "system_user"

	roleSystemGuest           = "system_guest"
	roleSystemTokenVerifier   = "system_token_verifier"
	roleSystemUserAccessToken = "system_user_access_token"
)

// Limits of a role, and of a request for roles by name.
const (
	roleNameMax        = 64   // bytes
	roleDisplayNameMax = 128  // bytes
	roleDescriptionMax = 1024 // characters
	maxRolePermissions = 1000
	maxRoleNamesAsked  = 100
	maxIgnoredNote     = 512 // bytes of the journal for the names that a patch left out
)

// adminOnlyRoles are the roles that only a system administrator can patch.
var adminOnlyRoles = []string{RoleSystemAdmin, "system_manager", "system_user_manager", "system_read_only_admin"}

// commonRoles are the roles that can be patched without PermWriteSystemRoles.
var commonRoles = []string{RoleSystemUser, roleSystemGuest}

// ValidRoleName reports whether s is a well-formed name of a role.
func ValidRoleName(s string) bool {
	return s != "" && len(s) <= roleNameMax && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// validate checks all fields of a role. The error names the value at fault.
func (r Role) validate() error {
	switch {
	case !ValidRoleName(r.Name):
		return failValue(CodeRoleInvalid, "name", r.Name)
	case r.DisplayName == "" || len(r.DisplayName) > roleDisplayNameMax || !validText(r.DisplayName):
		return failValue(CodeRoleInvalid, "display_name", r.DisplayName)
	case !fits(r.Description, roleDescriptionMax):
		return failValue(CodeRoleInvalid, "description", r.Description)
	case len(r.Permissions) > maxRolePermissions:
		return failValue(CodeRoleInvalid, "permissions", strconv.Itoa(len(r.Permissions))+" permissions")
	}
	if p, found := firstInvalid(r.Permissions); found {
		return failValue(CodeRoleInvalid, "permissions", p)
	}
	return nil
}

// DefaultRoles returns the roles that every database has, without ids and times. A
// store adds the ones that are missing and leaves the others unchanged.
func DefaultRoles() []Role {
	const text = "authentication.roles." // Mattermost stores the keys of its translations
	role := func(name string, schemeManaged bool, permissions ...string) Role {
		return Role{
			Name: name, BuiltIn: true, SchemeManaged: schemeManaged, Permissions: permissions,
			DisplayName: text + name + ".name", Description: text + name + ".description",
		}
	}
	return []Role{
		role(RoleSystemAdmin, true, builtInPermissions...),
		role(RoleSystemUser, true, PermViewMembers),
		role(roleSystemUserAccessToken, false, PermCreateToken, PermReadToken, PermRevokeToken),
		role(roleSystemGuest, true),
		role("system_manager", false, PermWritePermissions, permReadPermissions, permReadBotAccounts,
			permWriteBotAccounts, permReadIntegrations, permWriteIntegrations),
		role("system_user_manager", false, permReadPermissions),
		role("system_read_only_admin", false, permReadUsers, permReadPermissions, permReadBotAccounts, permReadIntegrations),
		role(roleSystemTokenVerifier, false, PermIntrospect),
	}
}

// RoleTable is all roles at one moment. It never changes, and is safe for concurrent
// use.
type RoleTable struct {
	byName map[string]Role
	held   map[string]map[string]bool // role name -> its permissions
}

// NewRoleTable returns a table of the roles.
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

func (t *RoleTable) byID(id string) (Role, bool) {
	for _, r := range t.byName {
		if r.ID == id {
			return r, true
		}
	}
	return Role{}, false
}

// Grants reports whether any of the named roles holds the permission. A role that
// does not exist grants nothing.
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
