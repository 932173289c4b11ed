package cli_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"

	"jeton/cli"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		"plain words":           "plain words",
		"Ünïcode 漢字 🙂 e\u0301":  "Ünïcode 漢字 🙂 e\u0301",
		"\x1b[31mred":           `\u001b[31mred`,
		"a\nb\tc\rd\x00\x7f":    `a\u000ab\u0009c\u000dd\u0000\u007f`,
		"\u202eturned\u2066":    `\u202eturned\u2066`,
		"\u009b2J":              `\u009b2J`,
		"no\u00a0break \u200bx": `no\u00a0break \u200bx`,
		"\u2028\ufeff":          `\u2028\ufeff`,
		"raw \x9b31m":           "raw \uFFFD31m",
		"\U000e0041tag":         `\ue0041tag`,
	} {
		if got := cli.Clean(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestEscaped: JSON that is escaped for a terminal keeps its value.
func TestEscaped(t *testing.T) {
	for _, value := range []string{"plain", "漢字 🙂", "\u202e \u009b \x7f \ufeff", "\U000e0041", "<&>\n\"\\u202e"} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		safe := cli.Escaped(text)
		var got string
		if err := json.Unmarshal(safe, &got); err != nil || got != value {
			t.Errorf("%q: %q, %v", value, got, err)
		}
		if strings.ContainsAny(string(safe), "\u202e\u009b\x7f\ufeff\U000e0041") {
			t.Errorf("%q: %s", value, safe)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		may   bool
		want  string
	}{
		{"short", 5, true, "short"},
		{"longer", 5, true, "long…"},
		{"longer", 5, false, "longer"},
		{"漢字漢字", 8, true, "漢字漢字"},
		{"漢字漢字", 7, true, "漢字漢…"},
		{"漢字漢字", 6, true, "漢字…"},
		{"e\u0301e\u0301e\u0301", 2, true, "e\u0301…"},
		{"👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, true, "👨‍👩‍👧‍👦…"},
		{"x", 1, true, "x"},
		{"xy", 1, true, "…"},
		{"", 0, true, ""},
	} {
		got := cli.Cut(c.text, c.width, c.may)
		if got != c.want || c.may && uniseg.StringWidth(got) > c.width {
			t.Errorf("%q to %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	titles, cuts := []string{"ID", "WORDS", "STATE"}, []bool{false, true, false}
	rows := [][]string{{"1", "a few words for it", "active"}, {"22", "漢字", "ok"}}
	for _, c := range []struct {
		name    string
		width   int
		batches [][][]string
		want    string
		dropped []string
	}{
		{"as wide as need be", 0, [][][]string{rows}, `
ID  WORDS               STATE
1   a few words for it  active
22  漢字                ok
`, nil},
		{"just fits", 30, [][][]string{rows}, `
ID  WORDS               STATE
1   a few words for it  active
22  漢字                ok
`, nil},
		{"words are cut", 22, [][][]string{rows}, `
ID  WORDS       STATE
1   a few wor…  active
22  漢字        ok
`, nil},
		{"no room for the last", 19, [][][]string{rows}, `
ID  WORDS
1   a few w…
22  漢字
`, []string{"STATE"}},
		{"room for the first alone", 3, [][][]string{rows}, `
ID
1
22
`, []string{"WORDS", "STATE"}},
		{"no rows", 20, [][][]string{nil}, `
ID  WORDS  STATE
`, nil},
		{"a later batch is wider, into a file", 0, [][][]string{{{"1", "short", "ok"}}, {{"2", "much longer words than before", "disabled"}}}, `
ID  WORDS  STATE
1   short  ok
2   much longer words than before  disabled
`, nil},
		{"a later batch is wider, on a terminal", 26, [][][]string{{{"1", "short", "ok"}}, {{"2", "much longer words than before", "disabled"}}}, `
ID  WORDS  STATE
1   short  ok
2   much longer…  disabled
`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			dropped, err := cli.PrintTable(&out, c.width, titles, cuts, c.batches...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimPrefix(c.want, "\n"), out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !slices.Equal(dropped, c.dropped) {
				t.Errorf("no room for %q, want %q", dropped, c.dropped)
			}
			for line := range strings.Lines(out.String()) {
				if n := uniseg.StringWidth(strings.TrimSuffix(line, "\n")); c.width > 0 && n > c.width {
					t.Errorf("%d columns: %s", n, line)
				}
			}
		})
	}
}

// TestReport: a reported error shows no control characters and no secrets of a server's text.
func TestReport(t *testing.T) {
	var out strings.Builder
	cli.Report(&out, errors.New("one\njeton: two\x1b[31m\u202e jtn_abcdefghijklmnopqrstuvwxyz0123456789"))
	want := "jeton: one\n       jeton: two\\u001b[31m\\u202e ********\n"
	if got := out.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
