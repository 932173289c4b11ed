package examples_test

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"jeton/apitest"
	"jeton/client"
)

// written are the examples that no test runs.
var written = []struct {
	file    string
	key     string // the key of the URLs of Jeton
	any     string // any good token
	deploy  string // one that holds deploy:write
	appends string // the part of the client's URL that the proxy appends
	named   int    // how often the file names each header: to copy it, and to remove it
}{
	{"traefik.yml", "address", "/verify/-/", "/verify/require/deploy:write/-/", "", 1}, // copying a header replaces it
	{"envoy.yaml", "path_prefix", "/verify/-", "/verify/require/deploy:write/-", "/deploys/../x?require=no:such", 2},
}

// textsAt returns the texts at a key, anywhere in a YAML document.
func textsAt(doc any, key string) (found []string) {
	switch v := doc.(type) {
	case map[string]any:
		for k, below := range v {
			if text, ok := below.(string); ok && k == key {
				found = append(found, text)
			}
			found = append(found, textsAt(below, key)...)
		}
	case []any:
		for _, below := range v {
			found = append(found, textsAt(below, key)...)
		}
	}
	return found
}

// TestWrittenOnly checks what it can of an example that is not run: the file says so, it
// parses, it names every header, and Jeton answers its questions as intended.
func TestWrittenOnly(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	_, err := s.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}})
	must(t, err)
	ann := s.MakeUser("ann", "system_user", "deployer")
	deploys, reads := s.MakeToken(ann.ID, "all").Secret, s.MakeToken(ann.ID, "narrow", "deploy:read").Secret
	for _, is := range written {
		t.Run(is.file, func(t *testing.T) {
			text, err := os.ReadFile(is.file)
			must(t, err)
			if head, _, _ := strings.Cut(string(text), "\n\n"); !strings.Contains(head, "No test runs this file") {
				t.Error("it does not say at its top that it is not run")
			}
			for _, name := range authNames {
				if n := strings.Count(strings.ToLower(string(text)), strings.ToLower(name)+"\n"); n != is.named {
					t.Errorf("%s is named %d times", name, n)
				}
			}
			var doc map[string]any
			must(t, yaml.Unmarshal(text, &doc))
			var asked []string
			for _, found := range textsAt(doc, is.key) { // other addresses are not of Jeton
				if u, err := url.Parse(found); err == nil && strings.HasPrefix(u.Path, "/verify") {
					asked = append(asked, u.Path)
				}
			}
			slices.Sort(asked)
			if diff := cmp.Diff([]string{is.any, is.deploy}, asked); diff != "" {
				t.Errorf("what Jeton is asked for (-want +is): %s", diff)
			}
			for _, tt := range []struct {
				path, secret string
				status       int
			}{
				{is.any, deploys, 200},
				{is.any, reads, 200},
				{is.any, "jtn_x", 401},
				{is.deploy, deploys, 200},
				{is.deploy, reads, 403},
				{is.deploy, "jtn_x", 401},
			} {
				a := s.SendTo("GET", tt.path+is.appends, http.Header{"Authorization": {"Bearer " + tt.secret}}, nil)
				if a.Status != tt.status {
					t.Errorf("%s: %d, want %d", tt.path, a.Status, tt.status)
				}
			}
		})
	}
}

// TestReadme: README.md names every example.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	must(t, err)
	files, err := os.ReadDir(".")
	must(t, err)
	for _, f := range files {
		if name := f.Name(); !strings.HasSuffix(name, "_test.go") && name != "README.md" && !strings.Contains(string(readme), "("+name+")") {
			t.Errorf("README.md does not name %s", name)
		}
	}
}
