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

// printing is how a command prints what was asked for.
type printing struct {
	json, quiet bool
}

// flags gives a command that prints data its flags; what says what -q leaves.
func (p *printing) flags(cmd *cobra.Command, what string) {
	jsonFlag(cmd, &p.json)
	cmd.Flags().BoolVarP(&p.quiet, "quiet", "q", false, "print "+what+" alone, one a line")
	cmd.MarkFlagsMutuallyExclusive("json", "quiet")
}

// field is one line about a thing.
type field struct{ name, text string }

// printOne prints one thing: as the API has it, its id alone, or as lines.
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

// column is one column of a list of things.
type column[T any] struct {
	title string
	cut   bool // it may be shortened to fit the terminal
	text  func(T) string
}

// view is how a list of things looks.
type view[T any] struct {
	columns []column[T]
	id      func(T) string
	ahead   func([]T) error // is told what is printed next, to look up names; nil: nothing
}

const batch = 200 // rows that are held back to find the widths

// printList prints a list as it comes, at most limit rows of it (0: all). Who gets
// fewer than there are is told so.
func printList[T any](t *terminal, p printing, v view[T], items iter.Seq2[T, error], limit int) error {
	if limit < 0 {
		return usage(fmt.Errorf("--limit %d is less than none", limit), "say --limit 0 for all")
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

// limited ends a list after so many (0: never), and notes whether there were more.
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

// printArray prints a JSON array, a line for each element.
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
