package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName     = regexp.MustCompile("`([a-z/]+)\\.((?:[tT]est|Fuzz)\\w+)`")
	testFunction = regexp.MustCompile(`(?m)^func ((?:[tT]est|Fuzz)\w+)\(`)
)

// testsOf returns the names of the test functions in a package. The cases of storetest are in
// files whose names do not end in _test.go.
func testsOf(t *testing.T, pkg string) map[string]bool {
	t.Helper()
	dir := filepath.Join(root, pkg)
	if pkg == "jeton" {
		dir = root
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range testFunction.FindAllSubmatch(text, -1) {
			names[string(found[1])] = true
		}
	}
	return names
}

// testsExist fails for each test that a page names and that does not exist.
func testsExist(t *testing.T, page string) {
	t.Helper()
	packages := map[string]map[string]bool{}
	for _, found := range testName.FindAllStringSubmatch(page, -1) {
		pkg, name := found[1], found[2]
		if packages[pkg] == nil {
			packages[pkg] = testsOf(t, pkg)
		}
		if !packages[pkg][name] {
			t.Errorf("there is no test %s in package %s", name, pkg)
		}
	}
}

// TestArchitecture: each guarantee of docs/ARCHITECTURE.md names at least one test, and
// every test that the page names exists.
func TestArchitecture(t *testing.T) {
	page := readDoc(t, "docs/ARCHITECTURE.md")
	testsExist(t, page)
	_, table, found := strings.Cut(page, "| which test shows it |\n|---|---|---|\n")
	rows := 0
	for row := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(row), "|")
		if len(cells) != 5 { // the first and the last are empty
			t.Errorf("not a row of three cells: %s", row)
			continue
		}
		rows++
		for name := range strings.SplitSeq(cells[3], ",") {
			if !testName.MatchString(name) {
				t.Errorf("%q does not name a test: %s", name, row)
			}
		}
	}
	if !found || rows == 0 {
		t.Error("the page has no table of guarantees")
	}
}
