package cli_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport lists, for each package of the module, the others that it may import. Imports point
// down only, and the fronts call the service, never a store. An unlisted package fails the
// test, so a new package must be added here.
var mayImport = map[string][]string{
	"jeton":          {},
	"jeton/client":   {}, // for use outside of this module, so it imports no other package of it
	"jeton/examples": {}, // only tests

	"jeton/password": {"jeton"},
	"jeton/sqlstore": {"jeton"},
	"jeton/authn":    {"jeton"},
	"jeton/limit":    {"jeton"},
	"jeton/web":      {"jeton", "jeton/authn", "jeton/limit"},
	"jeton/httpapi":  {"jeton", "jeton/authn", "jeton/limit", "jeton/web"},
	"jeton/verify":   {"jeton", "jeton/authn", "jeton/limit", "jeton/web"},
	"jeton/node": {
		"jeton", "jeton/authn", "jeton/web", "jeton/httpapi", "jeton/verify", "jeton/console", "jeton/jobs", "jeton/metrics",
		"jeton/sqlstore", "jeton/password", "jeton/limit",
	},
	"jeton/console":   {"jeton", "jeton/authn", "jeton/web"},
	"jeton/jobs":      {"jeton", "jeton/authn", "jeton/web"},
	"jeton/metrics":   {"jeton", "jeton/authn", "jeton/verify", "jeton/sqlstore"}, // the only one that imports Prometheus
	"jeton/cmd/jeton": {"jeton/cli"},
	"jeton/cli": {
		"jeton", "jeton/node", "jeton/authn", "jeton/web", "jeton/verify", "jeton/jobs",
		"jeton/sqlstore", "jeton/password", "jeton/client", "jeton/metrics", "jeton/limit",
	},
}

// forTests are packages that only tests and measurements may import. Their own
// imports are not checked.
var forTests = []string{"jeton/storetest", "jeton/pgtest", "jeton/apitest", "jeton/bench"}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "jeton/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string // those of non-test files
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(forTests, p.ImportPath) {
			continue
		}
		allowed, known := mayImport[p.ImportPath]
		if !known {
			t.Errorf("%s has no place in the import graph: give it one in this test", p.ImportPath)
		}
		for _, i := range p.Imports {
			own := i == "jeton" || strings.HasPrefix(i, "jeton/")
			if known && own && !slices.Contains(allowed, i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
			if strings.HasPrefix(i, "github.com/prometheus/") && p.ImportPath != "jeton/metrics" {
				t.Errorf("%s imports %s: only package metrics may", p.ImportPath, i)
			}
			if p.ImportPath == "jeton" && !own && strings.Contains(i, ".") {
				t.Errorf("the domain imports %s: it may import only the standard library", i)
			}
		}
	}
}
