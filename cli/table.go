package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

const (
	gap       = "  " // between columns
	narrowest = 8    // what a column may be cut to
)

// table prints rows in columns, a batch at a time, so that a list of a million rows
// flows: the first batch sets the widths, and a later one that needs more widens
// them.
type table struct {
	out     io.Writer
	width   int // of the terminal; 0: as wide as need be
	titles  []string
	cuts    []bool // columns that may be cut to fit
	widths  []int
	dropped []string // titles of the last columns, for which there was no room
}

// width returns how wide the terminal is; 0 where nobody looks at one.
func (t *terminal) width() int {
	if n, err := strconv.Atoi(t.env("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := t.out.(*os.File); ok && isTerminal(f) {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil {
			return n
		}
	}
	return 0
}

// print prints a batch of rows; the first time, the titles above them.
func (t *table) print(rows [][]string) error {
	first := t.widths == nil
	t.fit(rows)
	if first {
		t.drop()
		rows = append([][]string{t.titles}, rows...)
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row[:len(t.widths)] {
			cell = cut(cell, t.widths[i], t.cuts[i])
			line += cell + strings.Repeat(" ", max(0, t.widths[i]-uniseg.StringWidth(cell))) + gap
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(t.out, b.String())
	return err
}

// fit chooses the widths: what the rows need, and where that is too much, less
// for the widest column that may be cut, until it fits or nothing is left to cut.
func (t *table) fit(rows [][]string) {
	if t.widths == nil {
		t.widths = make([]int, len(t.titles))
	}
	for _, row := range append([][]string{t.titles}, rows...) {
		for i := range t.widths {
			t.widths[i] = max(t.widths[i], uniseg.StringWidth(row[i]))
		}
	}
	for t.width > 0 && t.total() > t.width {
		widest := -1
		for i, w := range t.widths {
			if t.cuts[i] && w > narrowest && (widest < 0 || w > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		t.widths[widest]--
	}
}

// drop leaves out the last columns that there is no room for; the first always stays.
func (t *table) drop() {
	for len(t.widths) > 1 && t.width > 0 && t.total() > t.width {
		last := len(t.widths) - 1
		t.dropped = append([]string{t.titles[last]}, t.dropped...)
		t.widths, t.titles = t.widths[:last], t.titles[:last]
	}
}

func (t *table) total() int {
	sum := len(gap) * (len(t.widths) - 1)
	for _, w := range t.widths {
		sum += w
	}
	return sum
}

// cut shortens a text to a width, and shows that it did.
func cut(text string, width int, may bool) string {
	if !may || uniseg.StringWidth(text) <= width {
		return text
	}
	var b strings.Builder
	used := 1 // the ellipsis
	for g := uniseg.NewGraphemes(text); g.Next(); {
		if used += g.Width(); used > width {
			break
		}
		b.WriteString(g.Str())
	}
	return b.String() + "…"
}

// clean makes what others wrote safe for a terminal: whatever is not to be seen
// (escape sequences, line breaks, marks that turn the writing around) is shown as
// its code.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, unseen) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unseen(r) {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unseen(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }
