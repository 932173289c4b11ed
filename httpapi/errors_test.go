package httpapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"jeton"
	"jeton/httpapi"
	"jeton/web"
)

// codes returns every jeton.Code in the source.
func codes(t *testing.T) map[jeton.Code]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[jeton.Code]string{web.CodeTokenInQuery: "CodeTokenInQuery", web.CodeMethodRefused: "CodeMethodRefused"}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			s, _ := strconv.Unquote(lit.Value)
			found[jeton.Code(s)] = spec.Names[0].Name
		}
		return true
	})
	if len(found) < 60 {
		t.Fatalf("only %d codes found", len(found))
	}
	return found
}

func TestEveryCodeHasARow(t *testing.T) {
	rows := map[jeton.Code]httpapi.ErrorRow{}
	for _, r := range httpapi.ErrorRows() {
		rows[r.Code] = r
	}
	known := codes(t)
	for code, name := range known {
		r, ok := rows[code]
		switch {
		case !ok:
			t.Errorf("%s has no row", name)
		case strings.HasSuffix(name, "Failed") && r.Status != 503:
			t.Errorf("%s is %d: what the store could not do is 503", name, r.Status)
		case r.Status == 500 && code != jeton.CodeInternal:
			t.Errorf("%s is 500", name)
		}
	}
	for code := range rows {
		if known[code] == "" {
			t.Errorf("%s has a row and does not exist", code)
		}
	}
}

// An error id has the same message in all rows.
func TestMessages(t *testing.T) {
	messages := map[string]string{}
	for _, r := range httpapi.ErrorRows() {
		if old, ok := messages[r.ID]; ok && old != r.Message {
			t.Errorf("%s: %q and %q", r.ID, old, r.Message)
		}
		messages[r.ID] = r.Message
	}
}
