package httpapi_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
)

type botAnswer struct {
	UserID   string `json:"user_id"`
	Username string `json:"username"`
	OwnerID  string `json:"owner_id"`
	DeleteAt int64  `json:"delete_at"`
}

type userAnswer struct {
	ID             string `json:"id"`
	Username       string `json:"username"`
	Email          string `json:"email"`
	Nickname       string `json:"nickname"`
	Roles          string `json:"roles"`
	IsBot          bool   `json:"is_bot"`
	BotDescription string `json:"bot_description"`
}

func logIn(name, password string) map[string]string {
	return map[string]string{"login_id": name, "password": password}
}

// A person who becomes a bot keeps id, roles and tokens, and loses password and sessions.
// The way back needs a new password.
func TestConvertToBotAndBack(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		ann := s.MakeUser("ann", "system_user", "system_user_access_token")
		tok := s.MakeToken(ann.ID, "kept", "read_user_access_token")
		s.Read(s.Do("GET", "/users/me", tok.Secret, nil), 200, nil)

		var b botAnswer
		s.Read(ask(t, s, "POST", "/users/"+ann.ID+"/convert_to_bot", s.Admin, nil), 200, &b)
		if b.UserID != ann.ID || b.OwnerID != ann.ID || b.Username != "ann" {
			t.Errorf("the bot is %+v", b)
		}
		s.Read(s.Do("GET", "/users/me", ann.Secret, nil), 401, nil)
		refused(t, s.Do("POST", "/users/login", "", logIn("ann", apitest.Password)), 401, "api.user.login.invalid_credentials_email_username", "")
		var me userAnswer
		s.Read(s.Do("GET", "/users/me", tok.Secret, nil), 200, &me)
		if !me.IsBot || me.Roles != "system_user system_user_access_token" || me.Email != "ann@example.com" {
			t.Errorf("as a bot: %+v", me)
		}
		s.Read(s.Do("GET", "/bots/"+ann.ID, s.Admin, nil), 200, nil)
		refused(t, ask(t, s, "POST", "/users/"+ann.ID+"/convert_to_bot", s.Admin, nil), 400, "app.bot.createbot.internal_error", "")

		path := "/bots/" + ann.ID + "/convert_to_user"
		var u userAnswer
		a := ask(t, s, "POST", path, s.Admin, map[string]string{"password": "An0ther!word", "username": "Anna", "nickname": "A"})
		s.Read(a, 200, &u)
		if !u.IsBot || u.ID != ann.ID || u.Username != "anna" || u.Nickname != "A" || !strings.HasSuffix(string(a.Body), "\n") {
			t.Errorf("the answer is %s", a.Body)
		}
		refused(t, s.Do("POST", "/users/login", "", logIn("anna", apitest.Password)), 401, "api.user.login.invalid_credentials_email_username", "")
		s.Read(s.Do("POST", "/users/login", "", logIn("anna", "An0ther!word")), 200, nil)
		me = userAnswer{}
		s.Read(s.Do("GET", "/users/me", tok.Secret, nil), 200, &me)
		if me.IsBot {
			t.Error("a person is a bot")
		}
		s.Read(s.Do("GET", "/users/me/tokens", tok.Secret, nil), 200, nil) // its scopes stay, too
		refused(t, s.Do("GET", "/users/tokens", tok.Secret, nil), 403, denied, "")
		refused(t, ask(t, s, "GET", "/bots/"+ann.ID, s.Admin, nil), 404, "store.sql_bot.get.missing.app_error", "")
		refused(t, ask(t, s, "POST", path, s.Admin, logIn("", "An0ther!word")), 404, "store.sql_bot.get.missing.app_error", "")
	})
}

// What is refused changes nothing. The body is checked before the permission, as in
// Mattermost.
func TestConvertRefused(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann, bot, off := s.MakeUser("ann"), s.MakeBot("robot"), s.MakeBot("off")
	s.Read(s.Do("POST", "/bots/"+off+"/disable", s.Admin, nil), 200, nil)
	good := map[string]string{"password": apitest.Password}
	with := func(field, value string) map[string]string {
		return map[string]string{"password": apitest.Password, field: value}
	}
	noBot := "store.sql_bot.get.missing.app_error"
	for _, tt := range []struct {
		path, secret string
		body         any
		status       int
		id           string
	}{
		{"/bots/" + bot + "/convert_to_user", ann.Secret, good, 403, denied},
		{"/bots/" + bot + "/convert_to_user", ann.Secret, "{}", 400, badBody},
		{"/bots/" + bot + "/convert_to_user", s.Admin, nil, 400, badBody},
		{"/bots/" + bot + "/convert_to_user", s.Admin, "null", 400, badBody},
		{"/bots/" + bot + "/convert_to_user", s.Admin, "not json", 400, badBody},
		{"/bots/" + bot + "/convert_to_user", s.Admin, `{"password":""}`, 400, badBody},
		{"/bots/" + bot + "/convert_to_user", s.Admin, `{"password":"short"}`, 400, "model.user.is_valid.pwd_min_length.app_error"},
		{"/bots/" + bot + "/convert_to_user", s.Admin, with("email", "x"), 400, "model.user.is_valid.email.app_error"},
		{"/bots/" + bot + "/convert_to_user", s.Admin, with("email", "ann@example.com"), 400, "app.user.save.email_exists.app_error"},
		{"/bots/" + bot + "/convert_to_user", s.Admin, with("username", "ann"), 400, "app.user.save.username_exists.app_error"},
		{"/bots/" + bot + "/convert_to_user", s.Admin, with("username", "a b"), 400, "model.user.is_valid.username.app_error"},
		{"/bots/" + bot + "/convert_to_user?set_system_admin=true", s.MakeToken(s.AdminID, "x", "manage_system").Secret, good, 403, denied},
		{"/bots/" + off + "/convert_to_user", s.Admin, good, 404, noBot},
		{"/bots/" + unknown + "/convert_to_user", s.Admin, good, 404, noBot},
		{"/bots/" + unknown + "/convert_to_user", ann.Secret, good, 403, denied},
		{"/bots/" + ann.ID + "/convert_to_user", s.Admin, good, 404, noBot},
		{"/bots/me/convert_to_user", s.Admin, good, 400, badURL},
		{"/users/" + ann.ID + "/convert_to_bot", ann.Secret, nil, 403, denied},
		{"/users/" + unknown + "/convert_to_bot", ann.Secret, nil, 403, denied},
		{"/users/" + unknown + "/convert_to_bot", s.Admin, nil, 404, noUser},
		{"/users/xyz/convert_to_bot", s.Admin, nil, 400, badURL},
		{"/users/" + bot + "/convert_to_bot", s.Admin, nil, 400, "app.bot.createbot.internal_error"},
		{"/users/me/convert_to_bot", s.Admin, nil, 400, "app.user.update.lastAdmin.app_error"},
		{"/users/xyz/promote", s.Admin, nil, 400, badURL},
		{"/users/" + unknown + "/promote", s.Admin, nil, 404, noUser},
		{"/users/" + unknown + "/promote", ann.Secret, nil, 403, denied},
		{"/users/xyz/demote", s.Admin, nil, 400, badURL},
		{"/users/" + unknown + "/demote", ann.Secret, nil, 501, "api.team.demote_user_to_guest.license.error"},
	} {
		refused(t, ask(t, s, "POST", tt.path, tt.secret, tt.body), tt.status, tt.id, "")
	}
	var b botAnswer
	s.Read(s.Do("GET", "/bots/"+bot, s.Admin, nil), 200, &b)
	if b.Username != "robot" || b.OwnerID != s.AdminID {
		t.Errorf("the bot changed: %+v", b)
	}
	s.Read(s.Do("GET", "/users/me", ann.Secret, nil), 200, nil)
	s.Read(s.Do("GET", "/users/me", s.Admin, nil), 200, nil)
}

// set_system_admin adds the role once. A person who is made a bot is no system administrator
// that counts as the last one, until converted back.
func TestConvertSystemAdmin(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bot := s.MakeBot("robot")
	var u userAnswer
	s.Read(ask(t, s, "POST", "/bots/"+bot+"/convert_to_user?set_system_admin=true", s.Admin, map[string]string{"password": apitest.Password}), 200, &u)
	if u.Roles != "system_user system_admin" {
		t.Errorf("roles %q", u.Roles)
	}
	s.Read(ask(t, s, "POST", "/users/me/convert_to_bot", s.Admin, nil), 200, nil) // there are two
	s.Read(s.Do("GET", "/users/me", s.Admin, nil), 401, nil)
	robot := s.LogIn("robot")
	refused(t, ask(t, s, "POST", "/users/me/convert_to_bot", robot, nil), 400, "app.user.update.lastAdmin.app_error", "")
	s.Read(ask(t, s, "POST", "/bots/"+s.AdminID+"/convert_to_user?set_system_admin=true", robot, map[string]string{"password": apitest.Password}), 200, &u)
	if u.Roles != "system_user system_admin" {
		t.Errorf("roles %q", u.Roles)
	}
	s.LogIn("admin")
}

// A bot that was a person owns itself. An actor that manages others' bots reaches it. It is
// disabled with the bots that it owns, and it keeps its address when it is renamed.
func TestConvertedBotIsReachable(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("ann")
	bot := s.MakeBot("robot")
	s.Read(s.Do("POST", "/bots/"+bot+"/assign/"+ann.ID, s.Admin, nil), 200, nil)
	s.Read(s.Do("POST", "/users/"+ann.ID+"/convert_to_bot", s.Admin, nil), 200, nil)
	s.Read(s.Do("PUT", "/bots/"+ann.ID, s.Admin, map[string]string{"username": "anna"}), 200, nil)
	var u userAnswer
	s.Read(s.Do("GET", "/users/"+ann.ID, s.Admin, nil), 200, &u)
	if u.Username != "anna" || u.Email != "ann@example.com" {
		t.Errorf("renamed: %+v", u)
	}
	tok, own := s.MakeToken(bot, "x"), s.MakeToken(ann.ID, "x")
	s.Read(s.Do("GET", "/users/me", tok.Secret, nil), 200, nil)
	refused(t, s.Do("POST", "/bots/"+ann.ID+"/disable", own.Secret, nil), 404, "store.sql_bot.get.missing.app_error", "")
	var b botAnswer
	s.Read(s.Do("POST", "/bots/"+ann.ID+"/disable", s.Admin, nil), 200, &b)
	if b.DeleteAt == 0 {
		t.Error("the answer says that the bot is enabled")
	}
	s.Read(s.Do("GET", "/users/me", tok.Secret, nil), 401, nil)
	s.Read(s.Do("GET", "/users/me", own.Secret, nil), 401, nil)
	s.Read(s.Do("POST", "/bots/"+ann.ID+"/enable", s.Admin, nil), 200, &b)
	s.Read(s.Do("GET", "/users/me", own.Secret, nil), 200, nil)
	s.Read(s.Do("POST", "/bots/"+ann.ID+"/assign/"+s.AdminID, s.Admin, nil), 200, &b)
	if b.OwnerID != s.AdminID {
		t.Errorf("owned by %s", b.OwnerID)
	}
}

// A guest becomes a user and keeps the other roles.
func TestPromoteGuest(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("ann", "system_guest", "system_user_access_token")
	refused(t, s.Do("GET", "/users/"+s.AdminID, ann.Secret, nil), 403, denied, "")
	refused(t, ask(t, s, "POST", "/users/me/promote", ann.Secret, nil), 403, denied, "")
	s.Read(ask(t, s, "POST", "/users/"+ann.ID+"/promote", s.Admin, nil), 200, nil)
	var u userAnswer
	s.Read(s.Do("GET", "/users/me", ann.Secret, nil), 200, &u)
	if u.Roles != "system_user system_user_access_token" {
		t.Errorf("roles %q", u.Roles)
	}
	s.Read(s.Do("GET", "/users/"+s.AdminID, ann.Secret, nil), 200, nil)
	refused(t, ask(t, s, "POST", "/users/"+ann.ID+"/promote", s.Admin, nil), 501, "api.user.promote_guest_to_user.no_guest.app_error", "")
}

// The journal has the fields that a conversion changed, and no password.
func TestConversionsAreJournaled(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bot := s.MakeBot("robot")
	s.Read(s.Do("POST", "/bots/"+bot+"/convert_to_user?set_system_admin=1", s.Admin, map[string]string{"password": apitest.Password}), 200, nil)
	events, err := s.Store.Events(t.Context(), jeton.EventFilter{}, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	e := events[0]
	if e.Action != jeton.BotToUser || e.Target != bot || e.Detail.Owner != bot {
		t.Errorf("the event is %+v", e)
	}
	for _, want := range []jeton.FieldChange{
		{Field: "is_bot", Old: "true", New: "false"},
		{Field: "owner_id", Old: s.AdminID},
		{Field: "roles", Old: "system_user", New: "system_user system_admin"},
		{Field: "password"},
	} {
		if !slices.Contains(e.Detail.Changes, want) {
			t.Errorf("%+v is not in %+v", want, e.Detail.Changes)
		}
	}
}

// No owner has more bots than the limit, made or assigned.
func TestBotsAreBounded(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("ann")
	last := s.MakeBot("one-more")
	_, _, err := s.Store.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		for i := range 1000 {
			name := fmt.Sprint("bot", i)
			b := jeton.User{ID: jeton.NewID(time.Now(), rand.Reader), Username: name, Email: name + "@localhost", IsBot: true, BotOwnerID: ann.ID, DeleteAt: 1}
			if err := tx.AddUser(b); err != nil {
				return jeton.Event{}, err
			}
		}
		return jeton.Event{Action: "test.bots", Target: "bots"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	limit := "app.bot.limit.app_error"
	refused(t, ask(t, s, "POST", "/bots/"+last+"/assign/"+ann.ID, s.Admin, nil), http.StatusBadRequest, limit, "1000")
	s.Read(s.Do("PUT", "/users/"+ann.ID+"/roles", s.Admin, map[string]string{"roles": "system_user system_admin"}), 200, nil)
	refused(t, ask(t, s, "POST", "/bots", ann.Secret, map[string]string{"username": "too-many"}), http.StatusBadRequest, limit, "1000")
	s.Read(s.Do("GET", "/users/username/too-many", s.Admin, nil), 404, nil)
}
