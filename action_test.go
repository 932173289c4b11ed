package jeton_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"jeton"
)

// Every action that action.go declares is known, so that the journal can be asked for it.
func TestActionsAreKnown(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		for _, v := range spec.Values {
			literal, ok := v.(*ast.BasicLit)
			if !ok {
				continue
			}
			text, err := strconv.Unquote(literal.Value)
			if n++; err != nil || !jeton.Action(text).Known() {
				t.Errorf("%s is not known", literal.Value)
			}
		}
		return true
	})
	if n < 30 || jeton.Action("token.created").Known() || jeton.Action("").Known() {
		t.Errorf("%d actions", n)
	}
}
