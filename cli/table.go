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
	narrowest = 8    // the least width that a column is cut to
)

// table prints rows in columns, a batch at a time, so that long lists need no memory. The
// first batch sets the widths; a later batch may widen them.
type table struct {
	out     io.Writer
	width   int // of the terminal; 0: unlimited
	titles  []string
	cuts    []bool // columns that may be cut to fit
	widths  []int
	dropped []string // titles of the last columns, which did not fit
}

// width returns the width of the terminal; 0: stdout is not a terminal.
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

// print prints a batch of rows, the first one below the titles.
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

// fit computes the widths that the rows need. If the total is too large, it narrows the
// widest column that may be cut, until the total fits or no column can be cut.
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

// drop removes the last columns that do not fit; the first column always remains.
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

// cut shortens a text to a width, with an ellipsis at its end.
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

// clean makes untrusted text safe for a terminal: it replaces characters that are not
// printable (escape sequences, line breaks, direction marks) by their codes.
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
