package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// root is the root directory of the repository.
const root = ".."

func readDoc(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReference compares the reference and the manual page with the commands.
func TestReference(t *testing.T) {
	for form, name := range map[string]string{"markdown": "docs/reference.md", "man": "docs/jeton.1"} {
		made, err := exec.Command(program, "reference", form).Output()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(readDoc(t, name), string(made)); diff != "" {
			t.Errorf("%s is stale (-it +the commands); run \"make reference\":\n%s", name, diff)
		}
	}
}

// whatVaries lists what differs between runs of the demonstration, with its replacement in the
// comparison.
var whatVaries = []struct {
	is   *regexp.Regexp
	word string
}{
	{regexp.MustCompile(`[ybndrfg8ejkmcpqxot1uwisza345h769]{26}`), "ID"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "ADDRESS"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "WHEN"},
	{regexp.MustCompile(`\d+(y|mo|d|h|m) ago|just now`), "AGO"},
	{regexp.MustCompile(` +`), " "}, // the widths of columns depend on the others
}

func steady(text string) string {
	for _, v := range whatVaries {
		text = v.is.ReplaceAllString(text, v.word)
	}
	return strings.TrimSpace(text)
}

// TestDemo runs the demonstration and compares its output with that in README.
func TestDemo(t *testing.T) {
	cmd := exec.Command(filepath.Join(root, "scripts/demo.sh"), program)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, rest, found := strings.Cut(readDoc(t, "README.md"), "<!-- what \"make demo\" prints -->\n```console\n")
	record, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatal("README.md has no record of the demonstration")
	}
	if diff := cmp.Diff(steady(record), steady(string(out))); diff != "" {
		t.Errorf("README's record of the demonstration is stale (-it +make demo):\n%s\nPaste this:\n%s", diff, out)
	}
}

// TestSnippets: each program and configuration in README is a part of a file that tests run.
func TestSnippets(t *testing.T) {
	readme := readDoc(t, "README.md")
	for language, file := range map[string]string{"nginx": "examples/nginx.conf", "go": "client/example_verify_test.go"} {
		_, rest, found := strings.Cut(readme, "```"+language+"\n")
		snippet, _, closed := strings.Cut(rest, "```\n")
		if !found || !closed || !strings.Contains(readDoc(t, file), snippet) {
			t.Errorf("README's part in %s is not one of %s:\n%s", language, file, snippet)
		}
	}
}
