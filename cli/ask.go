package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

const longestInput = 16 << 10 // bytes of stdin that are read at most

// passwordStdinFlag adds the flag that replaces the question for a password.
func passwordStdinFlag(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, "password-stdin", false, "read the password from stdin, as one line")
}

// attended reports whether questions can be asked: stdin and stderr are a terminal.
func (t *terminal) attended() bool { return isTerminal(t.in) && isTerminal(t.err) }

// stdinLines returns the first n lines of stdin.
func (t *terminal) stdinLines(n int) ([]string, error) {
	in := bufio.NewReader(io.LimitReader(t.in, longestInput))
	lines := make([]string, n)
	for i := range lines {
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("cannot read stdin: %w", err)
		}
		if lines[i] = strings.TrimRight(line, "\r\n"); lines[i] == "" {
			return nil, usage(fmt.Errorf("line %d of stdin is empty", i+1), "write each value to stdin, on a line of its own")
		}
	}
	return lines, nil
}

// hidden asks for a line without showing the input.
func (t *terminal) hidden(question string) (string, error) {
	fmt.Fprint(t.err, question)
	b, err := term.ReadPassword(int(t.in.(*os.File).Fd()))
	fmt.Fprintln(t.err)
	if err != nil {
		return "", fmt.Errorf("cannot read the answer: %w", err)
	}
	return string(b), nil
}

// shown asks for a line.
func (t *terminal) shown(question string) (string, error) {
	fmt.Fprint(t.err, question)
	line, err := bufio.NewReader(io.LimitReader(t.in, longestInput)).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("cannot read the answer: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// password asks for an existing password, or reads it from stdin.
func (t *terminal) password(question string, fromStdin bool) (string, error) {
	switch {
	case fromStdin:
		lines, err := t.stdinLines(1)
		if err != nil {
			return "", err
		}
		return lines[0], nil
	case t.attended():
		return t.hidden(question)
	}
	return "", noTerminal()
}

// passwordTwice asks for a new password twice, or reads it from stdin once.
func (t *terminal) passwordTwice(fromStdin bool) (string, error) {
	once, err := t.password("New password: ", fromStdin)
	if err != nil || fromStdin {
		return once, err
	}
	twice, err := t.hidden("Repeat it: ")
	if err == nil && once != twice {
		err = hint(errors.New("the two passwords differ"), "nothing was changed; run the command again")
	}
	return once, err
}

func noTerminal() error {
	return usage(errors.New("a password is needed, and there is no terminal to ask for it"), "write it to stdin and add --password-stdin")
}
