package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
)

// refusedLine is a line of the audit for refused requests.
type refusedLine struct {
	Position int64  `json:"position"`
	Action   string `json:"action"`
	Refused  bool   `json:"refused"`
	UserID   string `json:"user_id"`
	Target   string `json:"target"`
	Owner    string `json:"owner"`
	Address  string `json:"ip_address"`
	Count    int    `json:"count"`
}

// refusals makes the service write its counts. It returns the lines for an action when they
// count want refusals.
func (g guarded) refusals(action string, want int) (lines []refusedLine) {
	g.t.Helper()
	ctx, end := context.WithCancel(g.t.Context())
	end()
	g.Service.Run(ctx)                                        // writes all counts when its context ends
	g.MakeUser(fmt.Sprint("later", g.Clock.Now().UnixNano())) // the next change also writes the noted events
	total := 0
	for range 2000 {
		lines, total = g.written(action)
		if total >= want {
			break
		}
	}
	if total != want {
		g.t.Errorf("%d lines count %d refusals, want %d: %+v", len(lines), total, want, lines[:min(len(lines), 10)])
	}
	return lines
}

// written returns the journal's lines for an action, and the number of refusals that they
// count.
func (g guarded) written(action string) (lines []refusedLine, total int) {
	g.t.Helper()
	seen := map[int64]bool{} // a line that is written meanwhile moves others to the next page
	for page := 0; ; page++ {
		var all []refusedLine
		g.Read(g.Do("GET", fmt.Sprint("/audits?refused=true&per_page=200&page=", page), g.Admin, nil), 200, &all)
		for _, l := range all {
			if l.Refused && l.Action == action && !seen[l.Position] {
				seen[l.Position] = true
				lines, total = append(lines, l), total+l.Count
			}
		}
		if len(all) < 200 {
			return lines, total
		}
	}
}

// A client with an IPv6 network adds no more lines to the journal than one with one address.
func TestRefusalsOfOneNetwork(t *testing.T) {
	const attempts = 3000
	g := startGuarded(t)
	g.Clock.Advance(time.Minute - time.Duration(g.Clock.Now().UnixNano())%time.Minute) // to the start of a minute
	for i := range attempts {
		h := http.Header{"X-Forwarded-For": {fmt.Sprintf("2001:db8::%x", i+1)}}
		g.Send("POST", "/users/login", h, map[string]string{"login_id": fmt.Sprint("user", i), "password": "wrong-password"})
	}
	lines := g.refusals("session.create", attempts)
	if len(lines) > 4 { // two a minute, and the attempts may take more than one
		t.Errorf("%d lines, the first of them %+v", len(lines), lines[:4])
	}
	for _, l := range lines {
		if l.Count > 1 && l.Address != "2001:db8::/64" {
			t.Errorf("a line for many addresses names %q", l.Address)
		}
	}
}

// Refusals from different networks have a line for each network.
func TestRefusalsOfManyNetworks(t *testing.T) {
	g := startGuarded(t)
	for i := range 5 {
		g.try(fmt.Sprintf("2001:db8:0:%x::1", i), "ann", "wrong-password", 401, badPassword)
	}
	if lines := g.refusals("session.create", 5); len(lines) != 5 {
		t.Errorf("%+v", lines)
	}
}

// The lines of one network are bounded, also with many users. Its refusals beyond the limit are
// still counted, and the lines of other networks keep their users.
func TestRefusalsOfOneNetworkAreBounded(t *testing.T) {
	g := startGuarded(t)
	g.Clock.Advance(time.Minute - time.Duration(g.Clock.Now().UnixNano())%time.Minute)
	refuse := func(user, network string) {
		a := jeton.Actor{Owner: jeton.Owner{ID: user}, Kind: jeton.KindSession, Address: network, Network: network}
		if _, err := g.Service.Events(t.Context(), a, jeton.Page{Size: 1}); jeton.CodeOf(err) != jeton.CodeForbidden {
			t.Fatal(err)
		}
	}
	for i := range 1500 {
		refuse(fmt.Sprint("user", i), "198.51.100.1")
	}
	refuse("ann", "198.51.100.2")
	lines := g.refusals("audit.list_all", 1501)
	named := 0
	for _, l := range lines {
		if l.UserID == "ann" {
			named++
		}
	}
	if len(lines) > 1100 || named != 1 {
		t.Errorf("%d lines, %d of them name the user of another network", len(lines), named)
	}
}

// on returns how many refusals the lines count on an account from a network.
func on(lines []refusedLine, account, network string) (n int) {
	for _, l := range lines {
		if l.Target == account && l.Address == network {
			n += l.Count
		}
	}
	return n
}

// A failed log-in on another account, or on none, does not hide the account that is attacked.
func TestFailedLogInsNameTheAccount(t *testing.T) {
	g := startGuarded(t)
	victim := g.MakeUser("victim")
	g.try("10.0.0.1", "nosuchdecoy", "wrong-password", 401, badPassword)
	for range 8 {
		g.try("10.0.0.1", "victim", "wrong-password", 401, badPassword)
	}
	lines := g.refusals("session.create", 9)
	if n, none := on(lines, victim.ID, "10.0.0.1"), on(lines, "", "10.0.0.1"); n != 8 || none != 1 {
		t.Errorf("%d on the victim, %d on no account: %+v", n, none, lines)
	}
}

// A spray over many accounts has a line for each of them.
func TestSprayNamesEachAccount(t *testing.T) {
	g := startGuarded(t)
	var users []string
	for i := range 50 {
		users = append(users, g.MakeUser(fmt.Sprint("user", i)).ID)
	}
	for i := range users {
		g.try("10.0.0.1", fmt.Sprint("user", i), "wrong-password", 401, badPassword)
	}
	lines := g.refusals("session.create", 50)
	for _, id := range users {
		if n := on(lines, id, "10.0.0.1"); n != 1 {
			t.Errorf("%d on a user", n)
		}
	}
}

// A flood from very many networks adds a bounded number of lines, and hides neither the
// refusal of a known actor nor a failed log-in on another account. Each refusal is counted.
func TestFloodFromManyNetworks(t *testing.T) {
	const networks, each = 10_000, 2
	g := startGuarded(t)
	decoy, victim, eve := g.MakeUser("decoy"), g.MakeUser("victim"), g.MakeUser("eve")
	g.Clock.Advance(time.Minute - time.Duration(g.Clock.Now().UnixNano())%time.Minute)
	logIn := func(name, network string) {
		in := jeton.LogIn{LoginID: name, Password: "wrong-password", Address: network, Network: network}
		if _, _, err := g.Service.LogIn(t.Context(), in); err == nil {
			t.Fatal("logged in")
		}
	}
	for i := range networks * each {
		name := "decoy"
		if i%3 == 0 {
			name = "nobody"
		}
		logIn(name, fmt.Sprintf("10.%d.%d.1", i%networks/250, i%250))
	}
	logIn("victim", "192.0.2.1")
	g.Read(g.Do("GET", "/users/"+victim.ID+"/tokens", eve.Secret, nil), 403, nil)
	lines := g.refusals("session.create", networks*each+1)
	if len(lines) > 10_000 {
		t.Errorf("%d lines", len(lines))
	}
	if n := on(lines, victim.ID, "192.0.2.1"); n != 1 {
		t.Errorf("%d failed log-ins of the victim are named", n)
	}
	many := 0
	for _, l := range lines {
		if l.Target == decoy.ID {
			many += l.Count
		}
	}
	if want := networks * each * 2 / 3; many < want-1 || many > want+1 {
		t.Errorf("%d failed log-ins of the decoy, want %d", many, want)
	}
	reads, _ := g.written("token.read")
	if len(reads) != 1 || reads[0].UserID != eve.ID || reads[0].Owner != victim.ID {
		t.Errorf("the refusal of a known actor: %+v", reads)
	}
}

// A refusal names the user, token, role, session or bot that it aimed at, and whose account
// that is.
func TestRefusalsNameTheirTarget(t *testing.T) {
	g := startGuarded(t)
	eve, ann, bot := g.MakeUser("eve"), g.MakeUser("ann"), g.MakeBot("robot")
	tok := g.MakeToken(g.AdminID, "the administrator's")
	var role struct{ ID string }
	g.Read(g.Do("POST", "/roles", g.Admin, map[string]string{"name": "deployer"}), 201, &role)
	var sessions []struct{ ID string }
	g.Read(g.Do("GET", "/users/me/sessions", g.Admin, nil), 200, &sessions)
	nobody := "yyyyyyyyyyyyyyyyyyyyyyyyyy"
	type object map[string]any
	for _, tt := range []struct {
		action, method, path string
		body                 any
		target, owner        string
	}{
		{"user.update", "PUT", "/users/" + ann.ID + "/patch", object{"nickname": "x"}, ann.ID, ann.ID},
		{"user.password", "PUT", "/users/" + g.AdminID + "/password", object{"new_password": "Other-Passw0rd"}, g.AdminID, g.AdminID},
		{"user.roles", "PUT", "/users/" + eve.ID + "/roles", object{"roles": "system_user system_admin"}, eve.ID, eve.ID},
		{"user.deactivate", "PUT", "/users/" + ann.ID + "/active", object{"active": false}, ann.ID, ann.ID},
		{"user.delete", "DELETE", "/users/" + nobody, nil, nobody, nobody},
		{"token.create", "POST", "/users/" + ann.ID + "/tokens", object{"description": "x"}, ann.ID, ann.ID},
		{"token.read", "GET", "/users/" + ann.ID + "/tokens", nil, ann.ID, ann.ID},
		{"token.revoke", "POST", "/users/tokens/revoke", object{"token_id": tok.ID}, tok.ID, ""},
		{"token.disable", "POST", "/users/tokens/disable", object{"token_id": "not an id"}, "", ""},
		{"session.list", "GET", "/users/" + g.AdminID + "/sessions", nil, g.AdminID, g.AdminID},
		{"session.revoke", "POST", "/users/" + g.AdminID + "/sessions/revoke", object{"session_id": sessions[0].ID}, sessions[0].ID, g.AdminID},
		{"session.revoke_all", "POST", "/users/" + g.AdminID + "/sessions/revoke/all", nil, g.AdminID, g.AdminID},
		{"role.patch", "PUT", "/roles/" + role.ID + "/patch", object{"permissions": []string{}}, role.ID, ""},
		{"role.delete", "DELETE", "/roles/" + role.ID, nil, role.ID, ""},
		{"bot.disable", "POST", "/bots/" + bot + "/disable", nil, bot, bot},
		{"bot.assign", "POST", "/bots/" + bot + "/assign/" + eve.ID, nil, bot, bot},
		{"audit.list", "GET", "/users/" + ann.ID + "/audits", nil, ann.ID, ann.ID},
	} {
		if a := g.Do(tt.method, tt.path, eve.Secret, tt.body); a.Status != 403 && a.Status != 404 && a.Status != 401 {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, a.Status, a.Body)
		}
		lines := g.refusals(tt.action, 1)
		if len(lines) != 1 || lines[0].Target != tt.target || lines[0].Owner != tt.owner || lines[0].UserID != eve.ID {
			t.Errorf("%s: %+v, want %q of %q", tt.action, lines, tt.target, tt.owner)
		}
		g.Clock.Advance(time.Minute)
	}
}

// A sign-up that is refused is of its network, too.
func TestRefusedSignUpsNameTheNetwork(t *testing.T) {
	g := startGuarded(t)
	body := map[string]string{"username": "x", "email": "x@example.org", "password": apitest.Password}
	for i := range 3 {
		h := http.Header{"X-Forwarded-For": {fmt.Sprint("10.0.0.", i)}}
		g.Read(g.Send("POST", "/users", h, body), 403, nil)
	}
	lines := g.refusals("user.create", 3)
	for i := range 3 {
		if n := on(lines, "", fmt.Sprint("10.0.0.", i)); n != 1 {
			t.Errorf("%d of a network: %+v", n, lines)
		}
	}
}
