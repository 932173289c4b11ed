package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// printing holds the flags that choose how a command prints its result.
type printing struct {
	json, quiet bool
}

// flags adds the flags; what names the data that -q prints.
func (p *printing) flags(cmd *cobra.Command, what string) {
	jsonFlag(cmd, &p.json)
	cmd.Flags().BoolVarP(&p.quiet, "quiet", "q", false, "print only "+what+", one per line")
	cmd.MarkFlagsMutuallyExclusive("json", "quiet")
}

// field is one line of printOne.
type field struct{ name, text string }

// printOne prints one object: as JSON, its id alone, or as lines.
func printOne(t *terminal, p printing, v any, id string, fields []field) error {
	switch {
	case p.json:
		return printJSON(t.out, v)
	case p.quiet:
		_, err := fmt.Fprintln(t.out, id)
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, f := range fields {
		fmt.Fprintf(w, "%s\t%s\n", f.name, clean(f.text))
	}
	return w.Flush()
}

// column is one column of a list.
type column[T any] struct {
	title string
	cut   bool // the text may be shortened to fit the terminal
	text  func(T) string
}

// view says how a list is printed.
type view[T any] struct {
	columns []column[T]
	id      func(T) string
	ahead   func([]T) error // called with the rows that are printed next, to look up names; may be nil
}

const batch = 200 // rows that are buffered to compute the widths

// printList prints a list as it arrives, at most limit rows of it (0: all), and says if
// there are more.
func printList[T any](t *terminal, p printing, v view[T], items iter.Seq2[T, error], limit int) error {
	if limit < 0 {
		return usage(fmt.Errorf("--limit %d is negative", limit), "use --limit 0 for all")
	}
	more := false
	if err := printRows(t, p, v, limited(items, limit, &more)); err != nil {
		return err
	}
	if more {
		fmt.Fprintf(t.err, "These are the first %d; --limit 0 prints all.\n", limit)
	}
	return nil
}

// limited ends a list after limit items (0: never), and sets more if there were more.
func limited[T any](items iter.Seq2[T, error], limit int, more *bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := 0
		for item, err := range items {
			if *more = limit > 0 && n == limit && err == nil; *more || !yield(item, err) {
				return
			}
			n++
		}
	}
}

func printRows[T any](t *terminal, p printing, v view[T], items iter.Seq2[T, error]) error {
	switch {
	case p.json:
		return printArray(t.out, items)
	case p.quiet:
		for item, err := range items {
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(t.out, clean(v.id(item))); err != nil {
				return err
			}
		}
		return nil
	}
	out := &table{out: t.out, width: t.width()}
	for _, c := range v.columns {
		out.titles, out.cuts = append(out.titles, c.title), append(out.cuts, c.cut)
	}
	var held []T
	for item, err := range items {
		if err != nil {
			return err
		}
		if held = append(held, item); len(held) == batch {
			if err := v.print(out, held); err != nil {
				return err
			}
			held = held[:0]
		}
	}
	if len(held) > 0 || out.widths == nil {
		if err := v.print(out, held); err != nil {
			return err
		}
	}
	if len(out.dropped) > 0 {
		fmt.Fprintf(t.err, "No room for %s; a wider terminal or --json shows them.\n", strings.Join(out.dropped, ", "))
	}
	return nil
}

func (v view[T]) print(out *table, items []T) error {
	if v.ahead != nil {
		if err := v.ahead(items); err != nil {
			return err
		}
	}
	rows := make([][]string, 0, len(items))
	for _, item := range items {
		row := make([]string, 0, len(v.columns))
		for _, c := range v.columns {
			row = append(row, clean(c.text(item)))
		}
		rows = append(rows, row)
	}
	return out.print(rows)
}

// printArray prints a JSON array, one line for each element.
func printArray[T any](w io.Writer, items iter.Seq2[T, error]) error {
	before := "["
	for item, err := range items {
		if err != nil {
			return err
		}
		text, err := json.Marshal(item)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n  %s", before, escaped(text)); err != nil {
			return err
		}
		before = ","
	}
	if before == "[" {
		_, err := fmt.Fprintln(w, "[]")
		return err
	}
	_, err := fmt.Fprintln(w, "\n]")
	return err
}
