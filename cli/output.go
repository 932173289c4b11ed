package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// jsonFlag adds the flag --json.
func jsonFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "json", false, "print JSON")
}

func printJSON(w io.Writer, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", escaped(text))
	return err
}

// escaped returns the same JSON with the characters that are unsafe for a terminal (see
// clean) as escapes.
func escaped(text []byte) []byte {
	risky := func(r rune) bool { return r >= 0x7f && unseen(r) } // below 0x7f json.Marshal escapes them, or they are layout
	if bytes.IndexFunc(text, risky) < 0 {
		return text
	}
	var out []byte
	for _, r := range string(text) {
		if !risky(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			out = fmt.Appendf(out, "\\u%04x", unit)
		}
	}
	return out
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress returns a function that reports how many of max units are done, and one that
// ends the report. It shows a bar if stderr is a terminal.
func (t *terminal) progress(max int64, words string) (step func(done int64), end func()) {
	if !isTerminal(t.err) {
		return func(int64) {}, func() {}
	}
	bar := progressbar.NewOptions64(max,
		progressbar.OptionSetWriter(t.err),
		progressbar.OptionSetDescription(words),
		progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100e6), // ns: redrawing costs more than the work shown
		progressbar.OptionClearOnFinish(),
	)
	return func(done int64) { _ = bar.Set64(done) }, func() { _ = bar.Finish() }
}
