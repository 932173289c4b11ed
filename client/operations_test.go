package client_test

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"jeton/apitest"
	"jeton/client"
	"jeton/httpapi"
)

// notCalled are the operations without a call of the client, with the reasons.
var notCalled = map[string]string{
	"listPreferences": always, "listTeams": always, "listTeamMembers": always, "listTeamsUnread": always, "knownUsers": always,
	"getLogInType": always, "getLicense": always, "getBusy": always,
	"autocompleteUsers": forStock + "SearchUsers", "countUsers": forStock + "Users", "countUsersBy": forStock + "Users",
	"demoteToGuest": "the server refuses it always",
	"getLimits":     forStock + "Users", "getConfig": forStock + "Config", "ancillary": forStock + "RoleByName",
}

const (
	always   = "the answer is always the same: it is there for Mattermost's clients"
	forStock = "it is there for Mattermost's clients, and says no more than "
)

// noCalls are the exported methods of the client that send no request.
var noCalls = []string{"With", "URL"}

// operations maps "METHOD /path/{id}" to the operation's id.
func operations(t *testing.T, description []byte) map[string]string {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
	}
	if err := yaml.Unmarshal(description, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for path, item := range doc.Paths {
		for method, node := range item {
			var op struct {
				ID string `yaml:"operationId"`
			}
			if node.Decode(&op) == nil && op.ID != "" {
				out[strings.ToUpper(method)+" "+path] = op.ID
			}
		}
	}
	return out
}

// operationOf returns the operation of a request; empty: none. A literal segment takes
// precedence over a parameter.
func operationOf(all map[string]string, r *http.Request) string {
	asked := strings.Split(r.Method+" "+strings.TrimPrefix(r.URL.EscapedPath(), httpapi.Prefix), "/")
	best, fewest := "", len(asked)
	for pattern, id := range all {
		p := strings.Split(pattern, "/")
		params := 0
		same := len(p) == len(asked)
		for i := 0; same && i < len(p); i++ {
			if strings.HasPrefix(p[i], "{") {
				params++
			} else {
				same = p[i] == asked[i]
			}
		}
		if same && params < fewest {
			best, fewest = id, params
		}
	}
	return best
}

// The client has a call for every described operation, and no call sends a request that is not
// described.
func TestEveryOperationHasACall(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	rec := &recorder{}
	c := open(t, s.URL, client.WithToken(s.Admin), client.Through(rec))
	all := operations(t, made(c.Description(t.Context()))(t))
	rec.take()

	reached, tried := map[string]bool{}, slices.Clone(noCalls)
	for _, tt := range calls(s) {
		if err := tt.call(t.Context(), c); err != nil {
			t.Fatalf("%s: %v", tt.method, err)
		}
		tried = append(tried, tt.method)
		requests := rec.take()
		if len(requests) != 1 {
			t.Errorf("%s makes %d requests", tt.method, len(requests))
		}
		for _, r := range requests {
			id := operationOf(all, r)
			reached[id] = true
			if id != tt.operation {
				t.Errorf("%s: %s %s is operation %q, want %q", tt.method, r.Method, r.URL.Path, id, tt.operation)
			}
		}
	}
	for name, id := range all {
		if _, known := notCalled[id]; !reached[id] && !known {
			t.Errorf("%s (%s): no call of the client reaches it", id, name)
		}
	}
	for m := range reflect.TypeFor[*client.Client]().Methods() {
		if !slices.Contains(tried, m.Name) {
			t.Errorf("Client.%s is not in the table of calls", m.Name)
		}
	}
}

// row is one call of the client.
type row struct {
	method, operation string
	call              func(context.Context, *client.Client) error
}

// on drops the value of a call.
func on[T any](call func(context.Context, *client.Client) (T, error)) func(context.Context, *client.Client) error {
	return func(ctx context.Context, c *client.Client) error {
		_, err := call(ctx, c)
		return err
	}
}

// calls are all calls of the client, made as the administrator. A row may use what earlier rows
// created.
func calls(s *apitest.Server) []row {
	ann, bob := s.MakeUser("ann"), s.MakeUser("bob")
	return slices.Concat(userCalls(ann), tokenCalls(s, ann), verifyCalls(s, ann), botCalls(s, ann), roleCalls(), sessionCalls(s, bob), systemCalls(ann),
		[]row{{"RevokeEverySession", "revokeEverySession", func(x ctx, c conn) error { return c.RevokeEverySession(x) }}}) // last: the caller's session ends
}
