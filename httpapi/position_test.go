package httpapi_test

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"jeton"
	"jeton/apitest"
	"jeton/web"
)

// positions is a server, with the operations that the test has called.
type positions struct {
	*apitest.Server
	t     *testing.T
	asked []string
}

func (p *positions) newest() string {
	p.t.Helper()
	head, err := p.Store.Head(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return jeton.Receipt(head).String()
}

// change makes a change and checks that its answer has the position of its event. It returns
// the id of the changed record.
func (p *positions) change(method, path, secret string, body any) string {
	p.t.Helper()
	before := p.newest()
	a := ask(p.t, p.Server, method, path, secret, body)
	got, now := a.Header.Get(web.PositionHeader), p.newest()
	if a.Status >= 300 || got != now || now == before {
		p.t.Errorf("%s %s: %d, position %q; the journal went from %q to %q: %s", method, path, a.Status, got, before, now, a.Body)
	}
	route, _ := operation(method, path)
	p.asked = append(p.asked, route.Operation.OperationID)
	var out struct {
		ID    string `json:"id"`
		BotID string `json:"user_id"` // a bot's only id
	}
	_ = json.Unmarshal(a.Body, &out)
	return cmp.Or(out.ID, out.BotID)
}

// Every answer to a change has the position of its event in the journal.
func TestChangesHavePositions(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		settings := jeton.DefaultSettings()
		settings.UserDeletion = true
		p := &positions{Server: apitest.Start(t, apitest.Options{Database: database, Settings: &settings}), t: t}
		login := map[string]string{"login_id": "ann", "password": apitest.Password}
		ann := p.change("POST", "/users", p.Admin, map[string]string{"username": "ann", "email": "ann@example.com", "password": apitest.Password})
		p.change("POST", "/users/login", "", login)
		p.change("PUT", "/users/"+ann+"/patch", p.Admin, map[string]string{"nickname": "A"})
		p.change("PUT", "/users/"+ann, p.Admin, map[string]string{"id": ann, "username": "ann", "email": "ann@example.com"})
		p.change("PUT", "/users/"+ann+"/roles", p.Admin, map[string]string{"roles": "system_user"})
		p.change("PUT", "/users/"+ann+"/password", p.Admin, map[string]string{"new_password": apitest.Password})
		p.change("POST", "/users/"+ann+"/reset_failed_attempts", p.Admin, nil)

		id := map[string]string{"token_id": p.change("POST", "/users/"+ann+"/tokens", p.Admin, map[string]string{"description": "x"})}
		p.change("POST", "/users/tokens/disable", p.Admin, id)
		p.change("POST", "/users/tokens/enable", p.Admin, id)
		p.change("POST", "/users/tokens/revoke", p.Admin, id)

		p.change("POST", "/users/logout", p.LogIn("ann"), nil)
		p.LogIn("ann")
		p.change("POST", "/users/"+ann+"/sessions/revoke", p.Admin, map[string]string{"session_id": p.session(ann)})
		p.change("PUT", "/users/sessions/device", p.LogIn("ann"), map[string]string{"device_id": "phone"})
		p.change("POST", "/users/"+ann+"/sessions/revoke/all", p.Admin, nil)

		role := p.change("POST", "/roles", p.Admin, map[string]any{"name": "deployer", "display_name": "d", "permissions": []string{}})
		p.change("PUT", "/roles/"+role+"/patch", p.Admin, map[string]any{"permissions": []string{"deploy:write"}})
		p.change("DELETE", "/roles/"+role, p.Admin, nil)

		bot := p.change("POST", "/bots", p.Admin, map[string]string{"username": "robot"})
		p.change("PUT", "/bots/"+bot, p.Admin, map[string]string{"display_name": "R"})
		p.change("POST", "/bots/"+bot+"/disable", p.Admin, nil)
		p.change("POST", "/bots/"+bot+"/enable", p.Admin, nil)
		p.change("POST", "/bots/"+bot+"/assign/"+ann, p.Admin, nil)
		p.change("POST", "/bots/"+bot+"/convert_to_user", p.Admin, map[string]string{"password": apitest.Password})
		p.change("POST", "/users/"+bot+"/convert_to_bot", p.Admin, nil)
		p.Read(p.Do("PUT", "/users/"+ann+"/roles", p.Admin, map[string]string{"roles": "system_guest"}), 200, nil)
		p.change("POST", "/users/"+ann+"/promote", p.Admin, nil)

		p.change("PUT", "/users/"+ann+"/active", p.Admin, map[string]bool{"active": false})
		p.change("DELETE", "/users/"+ann+"?permanent=true", p.Admin, nil)
		p.change("POST", "/users/sessions/revoke/all", p.Admin, nil)
		p.allAsked()
	})
}

// session returns the id of a user's newest session.
func (p *positions) session(userID string) string {
	p.t.Helper()
	var all []struct{ ID string }
	p.Read(p.Do("GET", "/users/"+userID+"/sessions", p.Admin, nil), 200, &all)
	return all[0].ID
}

// posts are the operations with method POST that change nothing.
var posts = []string{
	"searchTokens", "usersByIDs", "usersByNames", "searchUsers", "rolesByNames", "ancillary", "getLogInType", "demoteToGuest",
}

// allAsked checks that the test has called every operation that makes a change.
func (p *positions) allAsked() {
	p.t.Helper()
	var change, described []string
	for _, item := range contract().Paths.Map() {
		for method, op := range item.Operations() {
			if method != http.MethodGet && !slices.Contains(posts, op.OperationID) {
				change = append(change, op.OperationID)
			}
			for _, r := range op.Responses.Map() {
				if r.Value.Headers[web.PositionHeader] != nil {
					described = append(described, op.OperationID)
				}
			}
		}
	}
	for _, list := range []*[]string{&change, &described, &p.asked} {
		slices.Sort(*list)
	}
	if d := gocmp.Diff(change, described); d != "" {
		p.t.Error("operations that change something, and that have the header:", d)
	}
	if d := gocmp.Diff(change, p.asked); d != "" {
		p.t.Error("operations that change something, and that were asked for:", d)
	}
}

// A change that has nothing to do answers with the position at which it checked.
func TestNothingToChangeHasAPosition(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		p := &positions{Server: apitest.Start(t, apitest.Options{Database: database}), t: t}
		ann, tok := p.MakeUser("ann"), p.MakeToken(p.AdminID, "x")
		id := map[string]string{"token_id": tok.ID}
		p.change("POST", "/users/tokens/disable", p.Admin, id)
		sleeping := p.MakeUser("bob")
		p.change("PUT", "/users/"+sleeping.ID+"/active", p.Admin, map[string]bool{"active": false})
		before := p.newest()
		for _, tt := range []struct {
			method, path string
			body         any
		}{
			{"POST", "/users/tokens/disable", id},
			{"PUT", "/users/" + ann.ID + "/active", map[string]bool{"active": true}},
			{"PUT", "/users/" + sleeping.ID + "/active", map[string]bool{"active": false}},
			{"DELETE", "/users/" + sleeping.ID, nil},
		} {
			a := ask(t, p.Server, tt.method, tt.path, p.Admin, tt.body)
			if got := a.Header.Get(web.PositionHeader); a.Status != 200 || got != before || p.newest() != before {
				t.Errorf("%s %s: %d, position %q; the journal went from %q to %q", tt.method, tt.path, a.Status, got, before, p.newest())
			}
		}
	})
}

// The answers to reads, refused changes and a log-out without a session have no position.
func TestOthersHaveNoPosition(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann, tok, bot := s.MakeUser("ann"), s.MakeToken(s.AdminID, "x"), s.MakeBot("robot")
	id := map[string]string{"token_id": tok.ID}
	for _, tt := range []struct {
		method, path, secret string
		body                 any
		status               int
	}{
		{"GET", "/users/me", ann.Secret, nil, 200},
		{"GET", "/users/tokens", s.Admin, nil, 200},
		{"GET", "/users/tokens/" + tok.ID, s.Admin, nil, 200},
		{"GET", "/roles", s.Admin, nil, 200},
		{"GET", "/bots/" + bot, s.Admin, nil, 200},
		{"GET", "/audits", s.Admin, nil, 200},
		{"POST", "/users/tokens/search", s.Admin, map[string]string{"term": "admin"}, 200},
		{"POST", "/users/ids", s.Admin, []string{ann.ID}, 200},
		{"POST", "/users/logout", "", nil, 200},
		{"POST", "/users/logout", tok.Secret, nil, 200},
		{"POST", "/users/tokens/revoke", ann.Secret, id, 403},
		{"POST", "/users/tokens/revoke", s.Admin, map[string]string{"token_id": ann.ID}, 404},
		{"POST", "/users/tokens/revoke", s.Admin, "{}", 400},
		{"POST", "/users/tokens/revoke", "", id, 401},
		{"POST", "/bots/" + bot + "/disable", ann.Secret, nil, 404},
		{"POST", "/users/login", "", map[string]string{"login_id": "ann", "password": "wrong-password"}, 401},
		{"PUT", "/users/" + s.AdminID + "/active", s.Admin, map[string]bool{"active": false}, 401},
		{"POST", "/users", s.Admin, map[string]string{"username": "ann", "email": "a@example.com", "password": apitest.Password}, 400},
	} {
		a := ask(t, s, tt.method, tt.path, tt.secret, tt.body)
		if got, has := a.Header[http.CanonicalHeaderKey(web.PositionHeader)]; a.Status != tt.status || has {
			t.Errorf("%s %s: %d, want %d; position %q", tt.method, tt.path, a.Status, tt.status, got)
		}
	}
}
