package jeton_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"jeton"
)

// openRoutes are the routes that TestAccessToWhatIsOpen calls.
var openRoutes = []string{
	"GET /system/ping", "GET /config/client", "GET /openapi.yaml", "POST /users/login", "POST /users/logout",
	"GET /license/client", "POST /users/login/type",
}

// TestAccessTableHasEveryRoute: every served route is called by a row of the table.
func TestAccessTableHasEveryRoute(t *testing.T) {
	asked := map[string]bool{}
	for _, r := range openRoutes {
		asked[r] = true
	}
	routes := describedRoutes(t)
	const id = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	w := &world{builtIn: map[string]jeton.Role{"system_user": {ID: id}, "system_manager": {ID: id}}, someone: id}
	for _, r := range rows(t, accessTable) {
		if calls[r.call].root {
			continue // openapi.yaml describes the routes under /api/v4
		}
		user := jeton.User{ID: id, Username: "name", Email: "name@example.com"}
		c := &cell{world: w, row: r, me: user, target: user, token: jeton.Token{ID: id}, role: jeton.Role{ID: id}}
		path, _, _ := strings.Cut(calls[r.call].path(c), "?")
		found := ""
		for _, route := range routes {
			if matches(route, calls[r.call].method+" "+path) && (found == "" || strings.Count(route, "{") < strings.Count(found, "{")) {
				found = route
			}
		}
		if found == "" {
			t.Errorf("%s asks for %s, which openapi.yaml does not have", r, path)
		}
		asked[found] = true
	}
	for _, route := range routes {
		if !asked[route] {
			t.Errorf("no row asks for %s", route)
		}
	}
}

var parameter = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

func matches(route, asked string) bool {
	pattern := parameter.ReplaceAllString(regexp.QuoteMeta(route), "[^/]+")
	return regexp.MustCompile("^" + pattern + "$").MatchString(asked)
}

// describedRoutes returns "METHOD /path" of all operations in openapi.yaml. Tests of httpapi
// compare that file with the served routes.
func describedRoutes(t *testing.T) (routes []string) {
	t.Helper()
	text, err := os.ReadFile("httpapi/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch name, isKey := strings.CutSuffix(strings.TrimLeft(line, " "), ":"); {
		case !isKey:
		case strings.HasPrefix(line, "  /"):
			path = name
		case strings.HasPrefix(line, "    ") && line[4] != ' ' && strings.Contains("get post put delete", name):
			routes = append(routes, strings.ToUpper(name)+" "+path)
		}
	}
	if len(routes) < 40 {
		t.Fatalf("only %d routes found: openapi.yaml is written another way than it was", len(routes))
	}
	return routes
}
