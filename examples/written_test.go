package examples_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"jeton/apitest"
	"jeton/client"
)

// written are the examples that nothing here can run.
var written = map[string]struct {
	key   string // below it stands what Jeton is asked for
	times int    // that each header is named: copied, and taken off what a client sends
}{
	"traefik.yml": {"address", 1}, // to copy it is to replace it
	"envoy.yaml":  {"path_prefix", 2},
}

// textsAt returns the texts that stand in a YAML document below a key.
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

// TestWrittenOnly holds what can be held of an example that is not run: it says so,
// it can be read, it forgets no header, and what it asks Jeton is what it means.
func TestWrittenOnly(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	_, err := s.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}})
	must(t, err)
	ann := s.MakeUser("ann", "system_user", "deployer")
	deploys, reads := s.MakeToken(ann.ID, "all").Secret, s.MakeToken(ann.ID, "narrow", "deploy:read").Secret
	for file, is := range written {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(file)
			must(t, err)
			if head, _, _ := strings.Cut(string(text), "\n\n"); !strings.Contains(head, "No test runs this file") {
				t.Error("it does not say at its top that it is not run")
			}
			var doc map[string]any
			must(t, yaml.Unmarshal(text, &doc))
			for _, name := range authNames {
				if strings.Count(strings.ToLower(string(text)), strings.ToLower(name)+"\n") != is.times {
					t.Errorf("%s is forgotten", name)
				}
			}
			answers := map[string]int{}
			for _, asked := range textsAt(doc, is.key) {
				u, err := url.Parse(asked)
				if err != nil || !strings.HasPrefix(u.Path, "/verify/") {
					continue // the address of something else
				}
				path := u.Path
				if is.key == "path_prefix" { // the client's own is appended
					path += "/deploys/../x?require=no:such"
				}
				for who, secret := range map[string]string{"deploys": deploys, "reads": reads, "nobody": "jtn_x"} {
					a := s.SendTo("GET", path, http.Header{"Authorization": {"Bearer " + secret}}, nil)
					answers[u.Path+" "+who] = a.Status
				}
			}
			slash := map[string]string{"address": "/", "path_prefix": ""}[is.key]
			for asked, want := range map[string]int{
				"/verify/-" + slash + " deploys": 200, "/verify/-" + slash + " reads": 200, "/verify/-" + slash + " nobody": 401,
				"/verify/require/deploy:write/-" + slash + " deploys": 200, "/verify/require/deploy:write/-" + slash + " reads": 403,
				"/verify/require/deploy:write/-" + slash + " nobody": 401,
			} {
				if answers[asked] != want {
					t.Errorf("%s: %d, want %d", asked, answers[asked], want)
				}
			}
			if len(answers) != 6 {
				t.Errorf("it asks for more: %v", answers)
			}
		})
	}
}

// TestReadme: every example is named.
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
