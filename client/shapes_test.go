package client_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jeton/apitest"
	"jeton/client"
)

// The client's records encode to the same JSON value as the server's answers, so that both have
// the same fields.
func TestRecordsAreWhole(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	w := fill(t, s)
	x, c, page := t.Context(), s.Client, client.Page{}
	tests := []struct {
		name, method, path string
		body               any
		read               func() (any, error)
	}{
		{"token", "GET", "/users/tokens/" + w.token.ID, nil, func() (any, error) { return c.Token(x, w.token.ID) }},
		{"tokens", "GET", "/users/tokens", nil, func() (any, error) { l, err := c.Tokens(x, page); return l.Items, err }},
		{"tokens of", "GET", "/users/me/tokens", nil, func() (any, error) { l, err := c.TokensOf(x, client.Me, page); return l.Items, err }},
		{"tokens found", "POST", "/users/tokens/search", map[string]string{"term": "admin"}, func() (any, error) { return c.SearchTokens(x, "admin") }},
		{"token's uses", "GET", "/users/tokens/" + w.token.ID + "/uses", nil, func() (any, error) { return c.TokenUses(x, w.token.ID) }},
		{"user", "GET", "/users/" + w.user.ID, nil, func() (any, error) { return c.User(x, w.user.ID) }},
		{"user that is a bot", "GET", "/users/" + w.bot.UserID, nil, func() (any, error) { return c.User(x, w.bot.UserID) }},
		{"users", "GET", "/users", nil, func() (any, error) { l, err := c.Users(x, client.UserFilter{}, page); return l.Items, err }},
		{"users by id", "POST", "/users/ids", []string{w.user.ID}, func() (any, error) { return c.UsersByIDs(x, w.user.ID) }},
		{"bot", "GET", "/bots/" + w.bot.UserID, nil, func() (any, error) { return c.Bot(x, w.bot.UserID) }},
		{"bots", "GET", "/bots", nil, func() (any, error) { l, err := c.Bots(x, client.BotFilter{}, page); return l.Items, err }},
		{"role", "GET", "/roles/name/deployer", nil, func() (any, error) { return c.RoleByName(x, "deployer") }},
		{"roles", "GET", "/roles", nil, func() (any, error) { return c.Roles(x) }},
		{"sessions", "GET", "/users/me/sessions", nil, func() (any, error) { return c.Sessions(x, client.Me) }},
		{"audits of", "GET", "/users/" + w.user.ID + "/audits", nil, func() (any, error) { l, err := c.AuditsOf(x, w.user.ID, page); return l.Items, err }},
		{"audits", "GET", "/audits", nil, func() (any, error) { l, err := c.Audits(x, page); return l.Items, err }},
		{"config", "GET", "/config/client", nil, func() (any, error) { return c.Config(x) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := s.For(t).Do(tt.method, tt.path, s.Admin, tt.body)
			s.For(t).Read(raw, http.StatusOK, nil)
			got, err := tt.read()
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, raw.Body, got)
			if l := value(t, raw.Body); cmp.Equal(l, []any{}) {
				t.Error("an empty list shows nothing")
			}
		})
	}
	t.Run("user as other users see it", func(t *testing.T) {
		raw := s.For(t).Do("GET", "/users/"+s.AdminID, w.session, nil)
		sameJSON(t, raw.Body, made(c.With(w.session).User(x, s.AdminID))(t))
	})
}

// The answer to the creation of a token has the fields of any token, and the secret, which the
// client's record masks.
func TestMadeTokenIsWhole(t *testing.T) {
	var body []byte
	s := apitest.Start(t, apitest.Options{})
	c := open(t, s.URL, client.WithToken(s.Admin), client.Through(trip(func(r *http.Request) (*http.Response, error) {
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			body, resp.Body = tapped(t, resp.Body)
		}
		return resp, err
	})))
	tok := made(c.CreateToken(t.Context(), client.Me, client.NewToken{Description: "x"}))(t)
	raw := value(t, body).(map[string]any)
	if raw["token"] != tok.Secret.Reveal() || !strings.HasSuffix(tok.Secret.Reveal(), tok.Hint) || tok.Hint == "" {
		t.Errorf("the secret that was sent is not the one that was read; hint %q", tok.Hint)
	}
	raw["token"] = tok.Secret.String()
	text, _ := json.Marshal(raw)
	sameJSON(t, text, tok)

	for _, again := range []func() (client.Token, error){
		func() (client.Token, error) { return c.Token(t.Context(), tok.ID) },
		func() (client.Token, error) {
			l, err := c.TokensOf(t.Context(), client.Me, client.Page{})
			return l.Items[0], err
		},
	} {
		if got := made(again())(t); got.ID != tok.ID || got.Secret != "" || strings.Contains(string(body), tok.Secret.Reveal()) {
			t.Errorf("the secret is shown again: %s", got.ID)
		}
	}
	if u := made(c.With(tok.Secret.Reveal()).User(t.Context(), client.Me))(t); u.ID != s.AdminID {
		t.Errorf("the secret is that of %s", u.Username)
	}
}

func sameJSON(t *testing.T, raw []byte, got any) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(value(t, raw), value(t, text)); d != "" {
		t.Errorf("server (-) and client (+) differ:\n%s", d)
	}
}

func value(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
