package cli_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSecurityPage: every test that docs/security.md names exists, every row of its tables of
// requirements has a verdict, and what is met says where that is shown.
func TestSecurityPage(t *testing.T) {
	page := readDoc(t, "docs/security.md")
	testsExist(t, page)
	verdicts := []string{"met", "in part", "not met", "**not met**", "n/a"}
	rows := 0
	requirement := regexp.MustCompile(`^\| \d+\.\d+\.\d+`)
	for row := range strings.Lines(page) {
		if !requirement.MatchString(row) {
			continue
		}
		rows++
		cells := strings.Split(strings.TrimSpace(row), "|")
		if len(cells) != 6 || !slices.Contains(verdicts, strings.TrimSpace(cells[3])) || strings.TrimSpace(cells[4]) == "" {
			t.Errorf("not a row of id, level, verdict and place: %s", row)
		}
	}
	if rows == 0 {
		t.Error("the page has no table of requirements")
	}
}
