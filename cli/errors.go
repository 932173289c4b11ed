package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// usageError marks an error as wrong usage of a command.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// hinted is an error with advice on what to do about it.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// hint adds advice to err.
func hint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// hintOf returns the advice of an error; empty: none.
func hintOf(err error) string {
	if h, ok := errors.AsType[*hinted](err); ok {
		return h.hint
	}
	return ""
}

// usage marks err as wrong usage and adds advice.
func usage(err error, format string, args ...any) error {
	return &usageError{hint(err, format, args...)}
}

// report prints an error, then its advice.
func report(w io.Writer, err error) {
	fmt.Fprintf(w, "jeton: %s\n", cleanLines(strings.TrimSpace(err.Error())))
	if h, ok := errors.AsType[*hinted](err); ok {
		fmt.Fprintf(w, "       %s\n", cleanLines(h.hint))
	}
}

// cleanLines makes text safe for the terminal that may come from a server or hold a
// secret that was typed in the wrong place. Further lines are indented.
func cleanLines(text string) string {
	lines := strings.Split(aSecret.ReplaceAllString(text, "********"), "\n")
	for i := range lines {
		lines[i] = clean(strings.ReplaceAll(lines[i], "\t", " "))
	}
	return strings.Join(lines, "\n       ")
}
