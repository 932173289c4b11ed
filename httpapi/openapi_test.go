package httpapi_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"jeton/httpapi"
)

func TestDescriptionIsValid(t *testing.T) {
	if err := contract().Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for path, item := range contract().Paths.Map() {
		for method, op := range item.Operations() {
			if !strings.Contains(op.Description, "Permission: ") || len(op.Tags) == 0 || op.OperationID == "" {
				t.Errorf("%s %s: no permission, tag or id", method, path)
			}
		}
	}
}

// The served routes and the described operations are the same.
func TestEveryRouteIsDescribed(t *testing.T) {
	var served, described []string
	_ = chi.Walk(httpapi.Routes(), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		served = append(served, method+" "+strings.TrimPrefix(route, httpapi.Prefix))
		return nil
	})
	for path, item := range contract().Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if d := cmp.Diff(served, described); d != "" {
		t.Error(d)
	}
}

// The documentation lists exactly the errors of the table.
func TestEveryErrorIsDescribed(t *testing.T) {
	var given, described, listed []string
	for _, r := range httpapi.ErrorRows() {
		given = append(given, r.ID)
	}
	for _, id := range contract().Components.Schemas["ErrorID"].Value.Enum {
		described = append(described, id.(string))
	}
	listed = texts(contract().Extensions["x-common-error-ids"])
	for _, item := range contract().Paths.Map() {
		for _, op := range item.Operations() {
			listed = append(listed, texts(op.Extensions["x-error-ids"])...)
		}
	}
	for _, list := range []*[]string{&given, &described, &listed} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if d := cmp.Diff(given, described); d != "" {
		t.Error("given and described differ:", d)
	}
	if d := cmp.Diff(given, listed); d != "" {
		t.Error("given and listed with an operation differ:", d)
	}
}

// seed is the OpenAPI description that the project started from.
type seed struct {
	BasePath string `yaml:"basePath"`
	Paths    map[string]map[string]struct {
		Description string
		Tags        []string
		Parameters  []struct{ In, Name string }
		Responses   map[string]any
	}
}

// The two reads of the seed are described with their parameters, tags and permissions.
func TestSeedIsDescribed(t *testing.T) {
	text, err := os.ReadFile("testdata/seed-get-user-access-tokens.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var s seed
	first, _, _ := strings.Cut(string(text), "\n---")
	if err := yaml.Unmarshal([]byte(first), &s); err != nil {
		t.Fatal(err)
	}
	if s.BasePath != httpapi.Prefix || len(s.Paths) != 2 {
		t.Fatalf("read %d paths under %s", len(s.Paths), s.BasePath)
	}
	for path, item := range s.Paths {
		ours := contract().Paths.Value(path).Get
		theirs := item["get"]
		if d := cmp.Diff(theirs.Tags, ours.Tags); d != "" {
			t.Errorf("%s tags: %s", path, d)
		}
		for _, p := range theirs.Parameters {
			if ours.Parameters.GetByInAndName(p.In, p.Name) == nil {
				t.Errorf("%s: no parameter %s in %s", path, p.Name, p.In)
			}
		}
		_, permission, _ := strings.Cut(theirs.Description, "##### Permissions\n")
		if permission == "" || !strings.Contains(ours.Description, strings.TrimSpace(permission)) {
			t.Errorf("%s: the permission is not %q", path, permission)
		}
		for status := range theirs.Responses {
			if ours.Responses.Value(status) == nil {
				t.Errorf("%s: no answer %s", path, status)
			}
		}
	}
}
