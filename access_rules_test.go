package jeton_test

import (
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

// A narrowed token can change its owner's password, e-mail address, roles or activity only if
// it holds all that the owner holds (ADR 5).
func TestAccessOfANarrowedTokenToItsOwner(t *testing.T) {
	w := newWorld(t)
	whole := jeton.Scopes{
		"view_members", createScope, readScope, revokeScope, "edit_other_users",
		"sysconsole_write_user_management_users", "manage_roles",
	}
	changes := map[string]obj{
		"/patch":    {"email": "", "password": apitest.Password}, // set below
		"/password": {"current_password": apitest.Password, "new_password": "An0ther!word"},
		"/roles":    {"roles": "system_user"},
	}
	for path, body := range changes {
		for _, c := range []struct {
			name   string
			scopes jeton.Scopes
			want   string
		}{
			{"not narrowed", nil, created},
			{"to all that the owner holds", whole, created},
			{"to more than that", append(jeton.Scopes{"manage_system", "deploy:write"}, whole...), created},
			{"to all but one", whole[1:], forbidden},
		} {
			t.Run(path+" "+c.name, func(t *testing.T) {
				w.t = t
				u, _ := w.person("system_user", roleHolder, managerScope)
				_, secret := w.tokenOf(u.ID, c.scopes, 0)
				if path == "/patch" {
					body["email"] = w.name("mail") + "@example.org"
				}
				w.says(t, "PUT", "/users/"+u.ID+path, secret, body, c.want, nil)
			})
		}
	}
}

// A user without a password, such as a bot, cannot change its own e-mail address with a token.
func TestAccessWithoutPasswordToOwnEMail(t *testing.T) {
	w := newWorld(t)
	for name, scopes := range map[string]jeton.Scopes{"not narrowed": nil, "to all that the owner holds": {"view_members", "edit_other_users"}} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			bot := w.botOf(w.AdminID, "system_user", soloRole("edit_other_users"))
			_, secret := w.tokenOf(bot.ID, scopes, 0)
			for _, password := range []string{"", apitest.Password} {
				in := obj{"email": w.name("mail") + "@example.org", "password": password}
				w.says(t, "PUT", "/users/"+bot.ID+"/patch", secret, in, answers["P"], nil)
			}
		})
	}
}

// A bot is not its own owner: only its owner manages its tokens, unless the bot can manage the
// bots of others.
func TestAccessOfABotToItself(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ more, want string }{
		{"", forbidden},
		{soloRole("manage_bots"), forbidden},
		{soloRole("edit_other_users"), forbidden},
		{soloRole("manage_others_bots"), created},
	} {
		t.Run(c.more, func(t *testing.T) {
			w.t = t
			roles := append([]string{"system_user", roleHolder}, strings.Fields(c.more)...)
			bot := w.botOf(w.AdminID, roles...)
			_, secret := w.tokenOf(bot.ID, nil, 0)
			other, _ := w.tokenOf(bot.ID, nil, 0)
			id := obj{"token_id": other.ID}
			w.says(t, "GET", "/users/me/tokens", secret, nil, c.want, nil)
			w.says(t, "POST", "/users/me/tokens", secret, obj{"description": "x"}, c.want, nil)
			w.says(t, "GET", "/users/tokens/"+other.ID, secret, nil, c.want, nil)
			w.says(t, "POST", "/users/tokens/disable", secret, id, c.want, nil)
			w.says(t, "POST", "/users/tokens/enable", secret, id, c.want, nil)
			w.says(t, "POST", "/users/tokens/revoke", secret, id, c.want, nil)
		})
	}
	// A bot cannot create bots, even with the permission.
	bot := w.botOf(w.AdminID, "system_user", soloRole("create_bot"))
	_, secret := w.tokenOf(bot.ID, nil, 0)
	w.says(t, "POST", "/bots", secret, obj{"username": w.name("b")}, forbidden, nil)
}

// No actor can add protected permissions to a custom role, or remove them from one.
func TestAccessToProtectedPermissions(t *testing.T) {
	w := newWorld(t)
	admin := w.builtIn["system_admin"]
	for _, p := range []string{
		"manage_system", "manage_roles",
		"sysconsole_write_user_management_system_roles",
	} {
		var without []string
		for _, q := range admin.Permissions {
			if q != p {
				without = append(without, q)
			}
		}
		w.says(t, "PUT", "/roles/"+admin.ID+"/patch", w.Admin, obj{"permissions": without}, protected, nil)
		w.says(t, "PUT", "/roles/"+w.builtIn["system_user"].ID+"/patch", w.Admin, obj{"permissions": list{p}}, protected, nil)
		w.says(t, "POST", "/roles", w.Admin, obj{"name": w.name("r"), "display_name": "x", "permissions": list{p}}, protected, nil)
	}
	w.says(t, "PUT", "/roles/"+w.builtIn["system_user"].ID+"/patch", w.Admin, obj{"permissions": list{"no_such_thing"}}, badRole, nil)
}

// The last active system administrator cannot be demoted, deactivated or deleted, by that
// administrator or by any other user with every permission. Bots and deactivated users do not
// count.
func TestAccessToTheLastAdministrator(t *testing.T) {
	w := newWorld(t)
	w.put(func(tx jeton.Tx) {
		w.addRole(tx, "access_king", w.builtIn["system_admin"].Permissions...)
		w.addUser(tx, jeton.User{Roles: []string{"system_admin"}, DeleteAt: 1})
		w.addUser(tx, jeton.User{Roles: []string{"system_admin"}, IsBot: true, BotOwnerID: w.AdminID})
	})
	w.refreshRoles(t)
	_, king := w.person("access_king")
	session := w.Admin
	last := "/users/" + w.AdminID
	for by, secret := range map[string]string{"himself": session, "another": king} {
		t.Run("by "+by, func(t *testing.T) {
			w.says(t, "PUT", last+"/roles", secret, obj{"roles": "system_user"}, lastAdmin, nil)
			w.says(t, "PUT", last+"/roles", secret, obj{"roles": ""}, lastAdmin, nil)
			w.says(t, "DELETE", last, secret, nil, lastAdmin, nil)
			w.says(t, "DELETE", last+"?permanent=true", secret, nil, lastAdmin, nil)
			deactivation := map[string]string{"himself": noSelf, "another": lastAdmin}[by]
			w.says(t, "PUT", last+"/active", secret, obj{"active": false}, deactivation, nil)
			w.works(t, "the last administrator's session", session, true)
			w.says(t, "GET", "/users/tokens", session, nil, created, nil)
		})
	}

	// With a second administrator the first can be demoted. Then the second is the last.
	second, secret := w.person("system_user", "system_admin")
	w.says(t, "PUT", last+"/roles", king, obj{"roles": "system_user"}, created, nil)
	w.says(t, "GET", "/users/tokens", session, nil, forbidden, nil)
	w.says(t, "DELETE", "/users/"+second.ID, king, nil, lastAdmin, nil)
	w.says(t, "PUT", "/users/"+second.ID+"/roles", secret, obj{"roles": "system_user"}, lastAdmin, nil)
}

// refreshRoles makes the server read the roles again from its store.
func (w *world) refreshRoles(t *testing.T) {
	t.Helper()
	w.says(t, "POST", "/roles", w.Admin, obj{"name": w.name("fresh"), "display_name": "x", "permissions": list{}}, created, nil)
}

// A change of roles, permissions or users takes effect with the next request, also for cached
// credentials.
func TestAccessChangesFromTheNextRequest(t *testing.T) {
	w := newWorld(t)
	admin := func(t *testing.T, method, path string, body any) {
		t.Helper()
		w.says(t, method, path, w.Admin, body, created, nil)
	}
	var custom jeton.Role
	w.says(t, "POST", "/roles", w.Admin, obj{"name": "access_custom", "display_name": "x", "permissions": list{}}, created, &custom)

	// by returns a user with these roles, and the user's credentials, each used once.
	by := func(t *testing.T, roles ...string) (u jeton.User, secrets map[string]string) {
		t.Helper()
		w.t = t
		u, session := w.person(roles...)
		_, token := w.tokenOf(u.ID, nil, 0)
		_, narrowed := w.tokenOf(u.ID, jeton.Scopes{readScope}, 0)
		secrets = map[string]string{"session": session, "token": token, "narrowed token": narrowed}
		for what, secret := range secrets {
			w.works(t, what, secret, true)
		}
		return u, secrets
	}
	all := func(t *testing.T, secrets map[string]string, want string) {
		t.Helper()
		for what, secret := range secrets {
			if got := said(w.Do("GET", "/users/me/tokens", secret, nil)); got != want {
				t.Errorf("by %s: got %s, want %s", what, got, want)
			}
		}
	}

	t.Run("a role given and taken", func(t *testing.T) {
		u, secrets := by(t, "system_user")
		all(t, secrets, forbidden)
		admin(t, "PUT", "/users/"+u.ID+"/roles", obj{"roles": "system_user " + roleHolder})
		all(t, secrets, created)
		admin(t, "PUT", "/users/"+u.ID+"/roles", obj{"roles": "system_user"})
		all(t, secrets, forbidden)
	})
	t.Run("a permission put into a role and taken out", func(t *testing.T) {
		_, secrets := by(t, custom.Name)
		all(t, secrets, forbidden)
		admin(t, "PUT", "/roles/"+custom.ID+"/patch", obj{"permissions": list{readScope}})
		all(t, secrets, created)
		admin(t, "PUT", "/roles/"+custom.ID+"/patch", obj{"permissions": list{}})
		all(t, secrets, forbidden)
	})
	for name, off := range map[string]func(t *testing.T, id string){
		"active false": func(t *testing.T, id string) { admin(t, "PUT", "/users/"+id+"/active", obj{"active": false}) },
		"deletion":     func(t *testing.T, id string) { admin(t, "DELETE", "/users/"+id, nil) },
	} {
		t.Run("deactivated by "+name, func(t *testing.T) {
			u, secrets := by(t, roleHolder)
			all(t, secrets, created)
			off(t, u.ID)
			all(t, secrets, unknown)
			admin(t, "PUT", "/users/"+u.ID+"/active", obj{"active": true})
			all(t, map[string]string{"session": secrets["session"]}, unknown) // a session does not come back
			delete(secrets, "session")
			all(t, secrets, created) // tokens work again
		})
	}
	t.Run("deleted for good", func(t *testing.T) {
		u, secrets := by(t, roleHolder)
		admin(t, "DELETE", "/users/"+u.ID+"?permanent=true", nil)
		all(t, secrets, unknown)
	})
	t.Run("a bot whose owner is deactivated", func(t *testing.T) {
		u, _ := by(t)
		bot := w.botOf(u.ID)
		_, token := w.tokenOf(bot.ID, nil, 0)
		w.works(t, "the bot's token", token, true)
		admin(t, "PUT", "/users/"+u.ID+"/active", obj{"active": false})
		w.works(t, "the bot's token", token, false)
	})
	t.Run("a bot that is disabled", func(t *testing.T) {
		bot := w.botOf(w.AdminID)
		_, token := w.tokenOf(bot.ID, nil, 0)
		w.works(t, "the bot's token", token, true)
		admin(t, "POST", "/bots/"+bot.ID+"/disable", nil)
		w.works(t, "the bot's token", token, false)
		admin(t, "POST", "/bots/"+bot.ID+"/enable", nil)
		w.works(t, "the bot's token", token, true)
	})
	t.Run("a bot that changes hands", func(t *testing.T) {
		old, session := w.person("system_user", roleHolder, "access_keeper")
		heir, heirs := w.person("system_user", roleHolder, "access_keeper")
		bot := w.botOf(old.ID)
		tokens := "/users/" + bot.ID + "/tokens"
		w.says(t, "GET", tokens, session, nil, created, nil)
		w.says(t, "GET", tokens, heirs, nil, forbidden, nil)
		w.says(t, "POST", "/bots/"+bot.ID+"/assign/"+heir.ID, session, nil, created, nil)
		w.says(t, "GET", tokens, session, nil, forbidden, nil)
		w.says(t, "GET", tokens, heirs, nil, created, nil)
	})
	t.Run("sessions and tokens that are ended", func(t *testing.T) {
		u, secrets := by(t, roleHolder)
		admin(t, "POST", "/users/"+u.ID+"/sessions/revoke/all", nil)
		w.works(t, "the session", secrets["session"], false)
		w.works(t, "the token", secrets["token"], true)
		w.works(t, "the narrowed token", secrets["narrowed token"], true)
	})
}

// Routes that need no credentials answer every request, with any credentials.
func TestAccessToWhatIsOpen(t *testing.T) {
	w := newWorld(t)
	gone, _ := w.person("system_user")
	_, useless := w.tokenOf(gone.ID, nil, 0)
	w.says(t, "PUT", "/users/"+gone.ID+"/active", w.Admin, obj{"active": false}, created, nil)
	plain, _ := w.person("system_user")
	_, narrow := w.tokenOf(plain.ID, jeton.Scopes{}, 0)
	for by, secret := range map[string]string{
		"no credentials": "", "administrator": w.Admin, "token narrowed to nothing": narrow,
		"token of a deactivated person": useless, "an invalid secret": "nonsense",
	} {
		t.Run(by, func(t *testing.T) {
			w.says(t, "GET", "/system/ping", secret, nil, created, nil)
			w.says(t, "GET", "/openapi.yaml", secret, nil, created, nil)
			w.says(t, "GET", "/config/client?format=old", secret, nil, created, nil)
			w.says(t, "GET", "/license/client?format=old", secret, nil, created, nil)
			w.says(t, "POST", "/users/login/type", secret, obj{"login_id": plain.Username}, created, nil)
			login := obj{"login_id": plain.Username, "password": apitest.Password}
			w.says(t, "POST", "/users/login", secret, login, created, nil)
			if by != "administrator" {
				w.says(t, "POST", "/users/logout", secret, nil, created, nil)
			}
		})
	}
	w.works(t, "a token that logged out", narrow, true)
}
