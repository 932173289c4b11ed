package client_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"jeton/apitest"
	"jeton/client"
)

// A new record has the fields that the caller gives.
func TestNewRecordsArrive(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	w := fill(t, s)
	u := w.user
	if got := (client.NewUser{u.Username, u.Email, apitest.Password, u.Nickname, u.FirstName, u.LastName, u.Position, u.Locale, u.EmailVerified}); got != newUser {
		t.Errorf("user %+v", got)
	}
	if got := (client.NewBot{w.bot.Username, w.bot.DisplayName, w.bot.Description}); got != newBot || w.bot.OwnerID != s.AdminID {
		t.Errorf("bot %+v of %s", got, w.bot.OwnerID)
	}
	if d := cmp.Diff(newRole, client.NewRole{w.role.Name, w.role.DisplayName, w.role.Description, w.role.Permissions}); d != "" {
		t.Error(d)
	}
	tok := w.token
	if tok.UserID != w.bot.UserID || tok.Description != "<&>" || tok.ExpiresAt <= tok.CreateAt || !slices.Equal(tok.Scopes, []string{"deploy:read"}) ||
		tok.CreatedBy != s.AdminID || !tok.IsActive {
		t.Errorf("token %+v", tok)
	}
	mine := made(s.Client.TokensOf(t.Context(), client.Me, client.Page{}))(t)
	if mine.Items[0].Scopes != nil || mine.Items[1].Scopes == nil {
		t.Errorf("not narrowed %#v, narrowed to nothing %#v", mine.Items[0].Scopes, mine.Items[1].Scopes)
	}
	if got := made(s.Client.User(t.Context(), u.ID))(t); !slices.Equal(got.RoleNames(), []string{"system_user"}) {
		t.Errorf("roles %q", got.RoleNames())
	}
}

// Each field of a patch changes only that field.
func TestPatchesArrive(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	w := fill(t, s)
	x, c := t.Context(), s.Client
	to := func(s string) *string { return &s }
	users := []struct {
		patch client.UserPatch
		set   func(*client.User)
	}{
		{client.UserPatch{}, func(*client.User) {}},
		{client.UserPatch{Username: to("anna")}, func(u *client.User) { u.Username = "anna" }},
		{client.UserPatch{Email: to("a@example.com")}, func(u *client.User) { u.Email, u.EmailVerified = "a@example.com", false }},
		{client.UserPatch{Nickname: to("")}, func(u *client.User) { u.Nickname = "" }},
		{client.UserPatch{FirstName: to("A")}, func(u *client.User) { u.FirstName = "A" }},
		{client.UserPatch{LastName: to("L")}, func(u *client.User) { u.LastName = "L" }},
		{client.UserPatch{Position: to("")}, func(u *client.User) { u.Position = "" }},
		{client.UserPatch{Timezone: map[string]string{"a": "b"}}, func(u *client.User) { u.Timezone = map[string]string{"a": "b"} }},
		{client.UserPatch{Locale: to("en")}, func(u *client.User) { u.Locale = "en" }},
	}
	want := w.user
	for _, tt := range users {
		tt.set(&want)
		got := made(c.PatchUser(x, w.user.ID, tt.patch))(t)
		if d := cmp.Diff(want, got, cmpopts.IgnoreFields(client.User{}, "UpdateAt", "LastLogin")); d != "" {
			t.Error(d)
		}
	}
	bots := []struct {
		patch client.BotPatch
		set   func(*client.Bot)
	}{
		{client.BotPatch{}, func(*client.Bot) {}},
		{client.BotPatch{Username: to("robbie")}, func(b *client.Bot) { b.Username = "robbie" }},
		{client.BotPatch{DisplayName: to("")}, func(b *client.Bot) { b.DisplayName = "" }},
		{client.BotPatch{Description: to("tests")}, func(b *client.Bot) { b.Description = "tests" }},
	}
	bot := w.bot
	for _, tt := range bots {
		tt.set(&bot)
		got := made(c.UpdateBot(x, bot.UserID, tt.patch))(t)
		if d := cmp.Diff(bot, got, cmpopts.IgnoreFields(client.Bot{}, "UpdateAt")); d != "" {
			t.Error(d)
		}
	}
}

// A user can change the own e-mail address and password only with the current password.
func TestPasswordsArrive(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	w := fill(t, s)
	x, me := t.Context(), s.Client.With(w.session)
	u := w.user
	for i, email := range []string{"a1@example.com", "a2@example.com"} {
		u.Email = email
		change := func(password string) (client.User, error) { return me.UpdateUser(x, u, password) }
		if i == 1 {
			change = func(password string) (client.User, error) {
				return me.PatchUser(x, client.Me, client.UserPatch{Email: &email, Password: password})
			}
		}
		if _, err := change(""); err == nil {
			t.Error("an address changes without the password")
		}
		if got := made(change(apitest.Password))(t); got.Email != email {
			t.Errorf("address %s", got.Email)
		}
	}
	const next = "An0ther!pass"
	if err := me.SetPassword(x, client.Me, "wrong", next); err == nil {
		t.Error("a password changes by a wrong one")
	}
	if err := me.SetPassword(x, client.Me, apitest.Password, next); err != nil {
		t.Fatal(err)
	}
	got, secret, err := me.With("").LogIn(x, "ann", next)
	if err != nil || got.ID != u.ID || secret == "" {
		t.Errorf("the new password logs in: %v", err)
	}
	if err := me.With(secret.Reveal()).LogOut(x); err != nil {
		t.Fatal(err)
	}
	if _, err := me.With(secret.Reveal()).User(x, client.Me); err == nil {
		t.Error("a session goes on after the log-out")
	}
}

// Changes of state are visible, and filters and searches select the right records.
func TestStatesAndFilters(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	w := fill(t, s)
	x, c, page := t.Context(), s.Client, client.Page{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	names := func(f client.UserFilter) (out []string) {
		for _, u := range made(c.Users(x, f, page))(t).Items {
			out = append(out, u.Username)
		}
		return out
	}
	bots := func(f client.BotFilter) int { return len(made(c.Bots(x, f, page))(t).Items) }
	found := func(q client.UserSearch) int { return len(made(c.SearchUsers(x, q))(t)) }

	must(c.SetRoles(x, w.user.ID, "system_user", "deployer"))
	if got := names(client.UserFilter{Role: "deployer"}); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("with the role: %q", got)
	}
	if n := found(client.UserSearch{Term: "an", Role: "deployer"}); n != 1 {
		t.Errorf("found by role: %d", n)
	}
	must(c.SetRoles(x, s.AdminID, "system_admin", "system_user")) // last changed, but created first
	made(c.AssignBot(x, w.bot.UserID, w.user.ID))(t)
	if n := bots(client.BotFilter{Orphaned: true}); n != 0 {
		t.Errorf("%d orphaned", n)
	}
	must(c.SetActive(x, w.user.ID, false))
	if got := names(client.UserFilter{Inactive: true}); !slices.Contains(got, "ann") || slices.Contains(got, "admin") {
		t.Errorf("inactive: %q", got)
	}
	if got := names(client.UserFilter{Active: true}); slices.Contains(got, "ann") {
		t.Errorf("active: %q", got)
	}
	if got := names(client.UserFilter{ByCreate: true}); !slices.Equal(got, []string{"admin", "ann", "robot"}) {
		t.Errorf("by creation: %q", got)
	}
	if a, b := found(client.UserSearch{Term: "ann"}), found(client.UserSearch{Term: "ann", Inactive: true}); a != 0 || b != 1 {
		t.Errorf("found %d, with the inactive %d", a, b)
	}
	if n := found(client.UserSearch{Term: "a", Limit: 1, Inactive: true}); n != 1 {
		t.Errorf("found %d of at most 1", n)
	}
	made(c.DisableBot(x, w.bot.UserID))(t)
	if a, b := bots(client.BotFilter{}), bots(client.BotFilter{Disabled: true}); a != 0 || b != 1 {
		t.Errorf("bots %d, with the disabled %d", a, b)
	}
	if n := bots(client.BotFilter{Disabled: true, Orphaned: true}); n != 1 {
		t.Errorf("%d orphaned", n)
	}
	if b := made(c.Bot(x, w.bot.UserID))(t); b.DeleteAt == 0 {
		t.Error("a disabled bot is shown as enabled")
	}
	made(c.DisableToken(x, w.token.ID))(t)
	if got := made(c.Token(x, w.token.ID))(t); got.IsActive {
		t.Error("a disabled token is active")
	}
	if got := made(c.SetPermissions(x, w.role.ID, nil))(t); got.Permissions == nil || len(got.Permissions) > 0 {
		t.Errorf("permissions %#v", got.Permissions)
	}
	must(c.EnableToken(x, w.token.ID))
	if got := made(c.Token(x, w.token.ID))(t); !got.IsActive {
		t.Error("an enabled token is not active")
	}
}

// The answer to a revocation has the number of tokens revoked with it, and of those kept.
func TestFollowed(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	maker := s.MakeToken(s.AdminID, "maker")
	for _, owner := range []string{client.Me, client.Me, s.MakeBot("robot")} {
		made(s.Client.With(maker.Secret).CreateToken(t.Context(), owner, client.NewToken{Description: "made"}))(t)
	}
	if got := made(s.Client.RevokeToken(t.Context(), maker.ID))(t); got != (client.Followed{Followed: 2, Kept: 1}) {
		t.Errorf("%+v", got)
	}
}
