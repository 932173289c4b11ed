package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"jeton"
)

// refusedLine is a line of the audit for refused requests.
type refusedLine struct {
	Action  string `json:"action"`
	Refused bool   `json:"refused"`
	UserID  string `json:"user_id"`
	Address string `json:"ip_address"`
	Count   int    `json:"count"`
}

// refusals makes the service write its counts. It returns the lines for an action when they
// count want refusals.
func (g guarded) refusals(action string, want int) (lines []refusedLine) {
	g.t.Helper()
	ctx, end := context.WithCancel(g.t.Context())
	end()
	g.Service.Run(ctx)  // writes all counts when its context ends
	g.MakeUser("later") // the next change also writes the noted events
	total := 0
	for range 2000 {
		lines, total = g.written(action)
		if total >= want {
			break
		}
	}
	if total != want {
		g.t.Errorf("the lines count %d refusals, want %d: %+v", total, want, lines)
	}
	return lines
}

// written returns the journal's lines for an action, and the number of refusals that they
// count.
func (g guarded) written(action string) (lines []refusedLine, total int) {
	g.t.Helper()
	for page := 0; ; page++ {
		var all []refusedLine
		g.Read(g.Do("GET", fmt.Sprint("/audits?per_page=200&page=", page), g.Admin, nil), 200, &all)
		for _, l := range all {
			if l.Refused && l.Action == action {
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
