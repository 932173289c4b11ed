package cli

import (
	"fmt"
	"iter"
	"regexp"

	"github.com/spf13/cobra"
)

// limitFlag gives a command that lists a flag that ends the list.
func limitFlag(cmd *cobra.Command, to *int) {
	cmd.Flags().IntVar(to, "limit", 100, "how many to print at most; 0: all")
}

// sequence makes a list that is there already one that comes.
func sequence[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// forEach does the same to each argument. One that fails does not keep the others
// from being done: all that failed are reported.
func forEach(c *connection, args []string, do func(arg string) error) error {
	if len(args) == 1 {
		return do(args[0])
	}
	failed := 0
	for _, arg := range args {
		if err := do(arg); err != nil {
			failed++
			report(c.remote.err, explain(fmt.Errorf("%s: %w", clean(arg), err), c.URL(), c.means))
		}
	}
	if failed > 0 {
		return hint(fmt.Errorf("%d of %d failed", failed, len(args)), "what is wrong with each stands above; the others are done")
	}
	return nil
}

// atLeast checks that the named arguments are there, the last one maybe repeated.
func atLeast(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= len(names) {
			return noSecrets(args)
		}
		return usage(fmt.Errorf("%s is missing", names[len(args)]), "usage: %s", cmd.UseLine())
	}
}

// atMost checks that there are no more arguments than names.
func atMost(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= len(names) {
			return noSecrets(args)
		}
		return usage(fmt.Errorf("%d arguments given, at most %d taken", len(args), len(names)), "usage: %s", cmd.UseLine())
	}
}

// aSecret is what the secrets that Jeton makes look like, whatever their prefix.
var aSecret = regexp.MustCompile(`^[a-z0-9]{2,16}_[0-9A-Za-z]{36}$`)

// noSecrets refuses arguments that are secrets: the shell has written them down by
// now, and everybody on the machine could read them. They are not repeated.
func noSecrets(args []string) error {
	for _, arg := range args {
		if aSecret.MatchString(arg) {
			return usage(fmt.Errorf("an argument is a secret, where an id or a name is needed"),
				`your shell's history has it now: find the token's id in "jeton token list" by the secret's last four characters, and revoke it`)
		}
	}
	return nil
}
