package httpapi_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"jeton/apitest"
)

// missingRoute is one line of the list in docs/mattermost.md.
var missingRoute = regexp.MustCompile(`(?m)^(GET|POST|PUT|PATCH|DELETE) +(/\S+)$`)

// The routes that docs/mattermost.md lists as missing answer 404, and do not look at
// credentials.
func TestMissingRoutes(t *testing.T) {
	text, err := os.ReadFile("../docs/mattermost.md")
	if err != nil {
		t.Fatal(err)
	}
	s := apitest.Start(t, apitest.Options{})
	routes := missingRoute.FindAllStringSubmatch(string(text), -1)
	if len(routes) < 60 {
		t.Fatalf("only %d routes found: the page lists them another way than it did", len(routes))
	}
	for _, r := range routes {
		for _, user := range []string{"me", s.AdminID} {
			path := strings.NewReplacer("{user_id}", user, "{team_id}", unknown, "{category}", "x", "{preference_name}", "x").Replace(r[2])
			for _, secret := range []string{"", s.Admin} {
				refused(t, s.Do(r[1], path, secret, nil), 404, nowhere, "")
			}
		}
	}
}
