package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// usageError is a command that was called wrongly.
type usageError struct{ error }

func (e *usageError) Unwrap() error { return e.error }

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (e *hinted) Unwrap() error { return e.error }

// hint adds to err what to do next.
func hint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// hintOf returns what an error says to do next; "": nothing.
func hintOf(err error) string {
	if h, ok := errors.AsType[*hinted](err); ok {
		return h.hint
	}
	return ""
}

// usage marks err as wrong usage and adds what to do next.
func usage(err error, format string, args ...any) error {
	return &usageError{hint(err, format, args...)}
}

// report writes an error as people read it: what is wrong, then what to do.
func report(w io.Writer, err error) {
	fmt.Fprintf(w, "jeton: %s\n", cleanLines(strings.TrimSpace(err.Error())))
	if h, ok := errors.AsType[*hinted](err); ok {
		fmt.Fprintf(w, "       %s\n", cleanLines(h.hint))
	}
}

// cleanLines makes safe what may hold a server's words or a secret typed in the
// wrong place, and keeps its lines apart from our own.
func cleanLines(text string) string {
	lines := strings.Split(aSecret.ReplaceAllString(text, "********"), "\n")
	for i := range lines {
		lines[i] = clean(strings.ReplaceAll(lines[i], "\t", " "))
	}
	return strings.Join(lines, "\n       ")
}
