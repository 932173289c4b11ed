package client_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/client"
)

// tapped returns the content of a body, and a body with the same content.
func tapped(t *testing.T, body io.ReadCloser) ([]byte, io.ReadCloser) {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return text, io.NopCloser(bytes.NewReader(text))
}

// world has one record of each type, with a value in each field that can be set.
type world struct {
	user    client.User
	session string // the user's session
	token   client.Token
	bot     client.Bot
	role    client.Role
}

var (
	newUser = client.NewUser{
		Username: "ann", Email: "ann@example.com", Password: apitest.Password, Nickname: "Annie", FirstName: "Ann",
		LastName: "Lee", Position: "Boss", Locale: "de", EmailVerified: true,
	}
	newBot  = client.NewBot{Username: "robot", DisplayName: "Robot", Description: "builds"}
	newRole = client.NewRole{Name: "deployer", DisplayName: "Deployer", Description: "deploys", Permissions: []string{"deploy:read", "deploy:write"}}
)

// fill creates a world as the administrator.
func fill(t *testing.T, s *apitest.Server) world {
	t.Helper()
	x, c := t.Context(), s.Client
	w := world{
		user: made(c.CreateUser(x, newUser))(t),
		bot:  made(c.CreateBot(x, newBot))(t),
		role: made(c.CreateRole(x, newRole))(t),
	}
	w.session = s.For(t).LogIn("ann")
	for _, scopes := range [][]string{nil, {}} {
		made(c.CreateToken(x, client.Me, client.NewToken{Description: "x", Scopes: scopes}))(t)
	}
	w.token = made(c.CreateToken(x, w.bot.UserID, client.NewToken{
		Description: "<&>", ExpiresAt: s.Clock.Now().Add(time.Hour).UnixMilli(), Scopes: []string{"deploy:read"},
	}))(t)
	made(c.With(w.token.Secret.Reveal()).User(x, client.Me))(t)
	if err := s.Uses.Flush(x); err != nil {
		t.Fatal(err)
	}
	if _, err := c.With(w.session).Audits(x, client.Page{}); err == nil { // refused, so the journal has a refusal
		t.Error("a user without permissions reads the journal")
	}
	return w
}
