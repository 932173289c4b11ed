package cli

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"jeton/client"
)

// limitFlag adds the flag that bounds a list.
func limitFlag(cmd *cobra.Command, to *int) {
	cmd.Flags().IntVar(to, "limit", 100, "the largest number of rows to print; 0: all")
}

// sequence returns an iterator over a slice.
func sequence[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// forEach calls do for each argument. It reports the arguments that fail and goes on
// with the others; it stops when the server does not answer or the caller is not
// authenticated, since the others would fail as well.
func forEach(c *connection, args []string, do func(arg string) error) error {
	if len(args) == 1 {
		return do(args[0])
	}
	failed := 0
	for i, arg := range args {
		err := do(arg)
		if err == nil {
			continue
		}
		failed++
		stop := failsForAll(err)
		err = explain(fmt.Errorf("%s: %w", clean(arg), err), c.URL(), c.means)
		if stop {
			return hint(fmt.Errorf("%w; %d of %d are done", err, i+1-failed, len(args)), "%s", hintOf(err))
		}
		report(c.remote.err, err)
	}
	if failed > 0 {
		return hint(fmt.Errorf("%d of %d failed", failed, len(args)), "the errors are above; %d are done", len(args)-failed)
	}
	return nil
}

// failsForAll reports whether an error is not about one argument: the next would fail as
// well.
func failsForAll(err error) bool {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Temporary() || e.Status == http.StatusUnauthorized
	}
	return hintOf(err) == "" // an error with advice is about the argument
}

// atLeast requires the named arguments; the last one may be repeated.
func atLeast(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= len(names) {
			return checked(args)
		}
		return usage(fmt.Errorf("%s is missing", names[len(args)]), "usage: %s", cmd.UseLine())
	}
}

// atMost allows as many arguments as there are names.
func atMost(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= len(names) {
			return checked(args)
		}
		return usage(fmt.Errorf("%d arguments given, at most %d allowed", len(args), len(names)), "usage: %s", cmd.UseLine())
	}
}

// checked refuses secrets, and empty arguments: they come from a variable that is not
// set, and must not mean the caller.
func checked(args []string) error {
	if slices.Contains(args, "") {
		return usage(errors.New("an argument is empty"), "check that the variable it comes from is set")
	}
	return noSecrets(args)
}

// checkedFlags does the same for the flags of the command line. Otherwise an empty list
// of scopes would mean all of them, and an empty name the caller.
func checkedFlags(cmd *cobra.Command) error {
	var failed error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := bare(f).(pflag.SliceValue); ok {
			if values = list.GetSlice(); len(values) == 0 {
				values = []string{""}
			}
		}
		switch {
		case failed != nil:
		case slices.Contains(values, "") && !mayBeEmpty[f.Name]:
			failed = usage(fmt.Errorf("--%s is empty", f.Name), "give it a value, or leave it out")
		default:
			failed = noSecrets(values)
		}
	})
	return failed
}

// mayBeEmpty holds the flags whose empty value means the same as no flag.
var mayBeEmpty = map[string]bool{"display-name": true, "description": true, "first-name": true, "last-name": true}

// aSecret matches the secrets that Jeton makes, with any prefix.
var aSecret = regexp.MustCompile(`\b[a-z0-9]{2,16}_[0-9A-Za-z]{36}\b`)

// noSecrets refuses arguments that hold secrets: the shell's history has them, and every
// user of the machine could read them. The error does not repeat them.
func noSecrets(args []string) error {
	for _, arg := range args {
		if aSecret.MatchString(arg) {
			return usage(fmt.Errorf("an argument holds a secret, where an id, a name or words are needed"),
				`your shell's history holds it now: find the token in "jeton token list" by the secret's last four characters, and revoke it`)
		}
	}
	return nil
}
