package client_test

import (
	"context"

	"jeton/apitest"
	"jeton/client"
)

type (
	ctx  = context.Context
	conn = *client.Client
)

func userCalls(ann apitest.User) []row {
	var user client.User
	first := client.Page{}
	return []row{
		{"CreateUser", "createUser", func(x ctx, c conn) (err error) {
			user, err = c.CreateUser(x, client.NewUser{Username: "new", Email: "new@example.com", Password: apitest.Password})
			return err
		}},
		{"User", "getUser", on(func(x ctx, c conn) (client.User, error) { return c.User(x, user.ID) })},
		{"UserByName", "getUserByName", on(func(x ctx, c conn) (client.User, error) { return c.UserByName(x, "new") })},
		{"UserByEmail", "getUserByEmail", on(func(x ctx, c conn) (client.User, error) { return c.UserByEmail(x, "new@example.com") })},
		{"Users", "listUsers", on(func(x ctx, c conn) (client.List[client.User], error) { return c.Users(x, client.UserFilter{}, first) })},
		{"UsersByIDs", "usersByIDs", on(func(x ctx, c conn) ([]client.User, error) { return c.UsersByIDs(x, user.ID, ann.ID) })},
		{"UsersByNames", "usersByNames", on(func(x ctx, c conn) ([]client.User, error) { return c.UsersByNames(x, "new", "ann") })},
		{"SearchUsers", "searchUsers", on(func(x ctx, c conn) ([]client.User, error) { return c.SearchUsers(x, client.UserSearch{Term: "ne"}) })},
		{"UpdateUser", "updateUser", on(func(x ctx, c conn) (client.User, error) { return c.UpdateUser(x, user, "") })},
		{"PatchUser", "patchUser", on(func(x ctx, c conn) (client.User, error) { return c.PatchUser(x, user.ID, client.UserPatch{}) })},
		{"SetPassword", "setPassword", func(x ctx, c conn) error { return c.SetPassword(x, user.ID, "", "N3w"+apitest.Password) }},
		{"UnlockUser", "resetFailedAttempts", func(x ctx, c conn) error { return c.UnlockUser(x, user.ID) }},
		{"SetRoles", "setRoles", func(x ctx, c conn) error { return c.SetRoles(x, user.ID, "system_user", "system_user_access_token") }},
		{"SetRoles", "setRoles", func(x ctx, c conn) error { return c.SetRoles(x, user.ID, "system_guest") }},
		{"PromoteGuest", "promoteGuest", func(x ctx, c conn) error { return c.PromoteGuest(x, user.ID) }},
		{"SetActive", "setActive", func(x ctx, c conn) error { return c.SetActive(x, user.ID, true) }},
		{"DeleteUser", "deleteUser", func(x ctx, c conn) error { return c.DeleteUser(x, user.ID, false) }},
	}
}

func tokenCalls(s *apitest.Server, ann apitest.User) []row {
	tok := s.MakeToken(ann.ID, "one")
	first := client.Page{}
	return []row{
		{"CreateToken", "createToken", on(func(x ctx, c conn) (client.Token, error) {
			return c.CreateToken(x, client.Me, client.NewToken{Description: "mine"})
		})},
		{"Token", "getToken", on(func(x ctx, c conn) (client.Token, error) { return c.Token(x, tok.ID) })},
		{"Tokens", "listTokens", on(func(x ctx, c conn) (client.List[client.Token], error) { return c.Tokens(x, first) })},
		{"TokensOf", "listTokensOf", on(func(x ctx, c conn) (client.List[client.Token], error) { return c.TokensOf(x, ann.ID, first) })},
		{"SearchTokens", "searchTokens", on(func(x ctx, c conn) ([]client.Token, error) { return c.SearchTokens(x, "ann") })},
		{"TokenUses", "getTokenUses", on(func(x ctx, c conn) (client.TokenUses, error) { return c.TokenUses(x, tok.ID) })},
		{"DisableToken", "disableToken", on(func(x ctx, c conn) (client.Followed, error) { return c.DisableToken(x, tok.ID) })},
		{"EnableToken", "enableToken", func(x ctx, c conn) error { return c.EnableToken(x, tok.ID) }},
		{"RevokeToken", "revokeToken", on(func(x ctx, c conn) (client.Followed, error) { return c.RevokeToken(x, tok.ID) })},
	}
}

// verifyCalls are the calls outside Mattermost's API, which openapi.yaml does not describe.
func verifyCalls(s *apitest.Server, ann apitest.User) []row {
	tok := s.MakeToken(ann.ID, "two")
	return []row{
		{"Verify", "", on(func(x ctx, c conn) (client.Verified, error) { return c.With(tok.Secret).Verify(x) })},
		{"Introspect", "", on(func(x ctx, c conn) (client.Introspection, error) { return c.Introspect(x, tok.Secret) })},
		{"RevokeSecret", "", func(x ctx, c conn) error { return c.RevokeSecret(x, tok.Secret) }},
		{"Feed", "", on(func(x ctx, c conn) (client.Feed, error) { return c.Feed(x, "", 0) })},
	}
}

func botCalls(s *apitest.Server, ann apitest.User) []row {
	id := s.MakeBot("robot")
	return []row{
		{"CreateBot", "createBot", on(func(x ctx, c conn) (client.Bot, error) { return c.CreateBot(x, client.NewBot{Username: "other"}) })},
		{"Bots", "listBots", on(func(x ctx, c conn) (client.List[client.Bot], error) {
			return c.Bots(x, client.BotFilter{}, client.Page{})
		})},
		{"Bot", "getBot", on(func(x ctx, c conn) (client.Bot, error) { return c.Bot(x, id) })},
		{"UpdateBot", "updateBot", on(func(x ctx, c conn) (client.Bot, error) { return c.UpdateBot(x, id, client.BotPatch{}) })},
		{"DisableBot", "disableBot", on(func(x ctx, c conn) (client.Bot, error) { return c.DisableBot(x, id) })},
		{"EnableBot", "enableBot", on(func(x ctx, c conn) (client.Bot, error) { return c.EnableBot(x, id) })},
		{"AssignBot", "assignBot", on(func(x ctx, c conn) (client.Bot, error) { return c.AssignBot(x, id, ann.ID) })},
		{"ConvertToUser", "convertToUser", on(func(x ctx, c conn) (client.User, error) {
			return c.ConvertToUser(x, id, client.UserPatch{Password: apitest.Password}, true)
		})},
		{"ConvertToBot", "convertToBot", on(func(x ctx, c conn) (client.Bot, error) { return c.ConvertToBot(x, id) })},
	}
}

func roleCalls() []row {
	var role client.Role
	return []row{
		{"CreateRole", "createRole", func(x ctx, c conn) (err error) {
			role, err = c.CreateRole(x, client.NewRole{Name: "deployer", Permissions: []string{"deploy:write"}})
			return err
		}},
		{"Roles", "listRoles", on(func(x ctx, c conn) ([]client.Role, error) { return c.Roles(x) })},
		{"Role", "getRole", on(func(x ctx, c conn) (client.Role, error) { return c.Role(x, role.ID) })},
		{"RoleByName", "getRoleByName", on(func(x ctx, c conn) (client.Role, error) { return c.RoleByName(x, "deployer") })},
		{"RolesByNames", "rolesByNames", on(func(x ctx, c conn) ([]client.Role, error) { return c.RolesByNames(x, "deployer", "system_user") })},
		{"SetPermissions", "patchRole", on(func(x ctx, c conn) (client.Role, error) { return c.SetPermissions(x, role.ID, nil) })},
		{"DeleteRole", "deleteRole", func(x ctx, c conn) error { return c.DeleteRole(x, role.ID) }},
	}
}

func sessionCalls(s *apitest.Server, bob apitest.User) []row {
	return []row{
		{"LogIn", "logIn", func(x ctx, c conn) error {
			_, _, err := c.With("").LogIn(x, "bob", apitest.Password)
			return err
		}},
		{"Sessions", "listSessions", on(func(x ctx, c conn) ([]client.Session, error) { return c.Sessions(x, bob.ID) })},
		{"RevokeSession", "revokeSession", func(x ctx, c conn) error {
			sessions, err := s.Client.Sessions(x, bob.ID)
			if err != nil {
				return err
			}
			return c.RevokeSession(x, bob.ID, sessions[0].ID)
		}},
		{"RevokeSessions", "revokeSessions", func(x ctx, c conn) error { return c.RevokeSessions(x, bob.ID) }},
		{"AttachDevice", "attachDevice", func(x ctx, c conn) error { return c.AttachDevice(x, "phone") }},
		{"LogOut", "logOut", func(x ctx, c conn) error { return c.With(s.LogIn("bob")).LogOut(x) }},
	}
}

func systemCalls(ann apitest.User) []row {
	first := client.Page{}
	return []row{
		{"Audits", "listAudits", on(func(x ctx, c conn) (client.List[client.Audit], error) { return c.Audits(x, first) })},
		{"AuditsOf", "listAuditsOf", on(func(x ctx, c conn) (client.List[client.Audit], error) { return c.AuditsOf(x, ann.ID, first) })},
		{"FindAudits", "listAudits", on(func(x ctx, c conn) (client.List[client.Audit], error) {
			return c.FindAudits(x, client.AuditFilter{}, first)
		})},
		{"FindAuditsOf", "listAuditsOf", on(func(x ctx, c conn) (client.List[client.Audit], error) {
			return c.FindAuditsOf(x, ann.ID, client.AuditFilter{}, first)
		})},
		{"AuditsAbout", "listAuditsOf", on(func(x ctx, c conn) (client.List[client.Audit], error) {
			return c.AuditsAbout(x, ann.ID, client.AuditFilter{}, first)
		})},
		{"Ping", "getPing", func(x ctx, c conn) error { return c.Ping(x) }},
		{"Config", "getClientConfig", on(func(x ctx, c conn) (map[string]string, error) { return c.Config(x) })},
		{"Description", "getDescription", on(func(x ctx, c conn) ([]byte, error) { return c.Description(x) })},
	}
}
