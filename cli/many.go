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

// forEach does the same to each argument. One that is refused does not keep the
// others from being done, and all that are refused are reported; but where nobody
// answers, or nobody is logged in, the rest is left.
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
		stop := nobodyAnswers(err)
		err = explain(fmt.Errorf("%s: %w", clean(arg), err), c.URL(), c.means)
		if stop {
			return hint(fmt.Errorf("%w; %d of %d are done", err, i+1-failed, len(args)), "%s", hintOf(err))
		}
		report(c.remote.err, err)
	}
	if failed > 0 {
		return hint(fmt.Errorf("%d of %d failed", failed, len(args)), "what is wrong with each stands above; %d are done", len(args)-failed)
	}
	return nil
}

// nobodyAnswers reports whether an error is not about one thing only: the next would
// fail as well.
func nobodyAnswers(err error) bool {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Temporary() || e.Status == http.StatusUnauthorized
	}
	return hintOf(err) == "" // else it was said here what is wrong with it
}

// atLeast checks that the named arguments are there, the last one maybe repeated.
func atLeast(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= len(names) {
			return checked(args)
		}
		return usage(fmt.Errorf("%s is missing", names[len(args)]), "usage: %s", cmd.UseLine())
	}
}

// atMost checks that there are no more arguments than names.
func atMost(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= len(names) {
			return checked(args)
		}
		return usage(fmt.Errorf("%d arguments given, at most %d taken", len(args), len(names)), "usage: %s", cmd.UseLine())
	}
}

// checked refuses arguments that cannot be meant: secrets, and the empty text that a
// variable leaves that is not set, which must not stand for oneself.
func checked(args []string) error {
	if slices.Contains(args, "") {
		return usage(errors.New("an argument is empty"), "see that the variable it comes from is set")
	}
	return noSecrets(args)
}

// checkedFlags does the same to the flags of a command line. An empty list of scopes
// would otherwise be all of them, an empty name oneself.
func checkedFlags(cmd *cobra.Command) error {
	var failed error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
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

// mayBeEmpty are the flags whose empty value says the same as leaving them out.
var mayBeEmpty = map[string]bool{"display-name": true, "description": true, "first-name": true, "last-name": true}

// aSecret is what the secrets that Jeton makes look like, whatever their prefix.
var aSecret = regexp.MustCompile(`\b[a-z0-9]{2,16}_[0-9A-Za-z]{36}\b`)

// noSecrets refuses arguments that hold secrets: the shell has written them down by
// now, and everybody on the machine could read them. They are not repeated.
func noSecrets(args []string) error {
	for _, arg := range args {
		if aSecret.MatchString(arg) {
			return usage(fmt.Errorf("an argument holds a secret, where an id, a name or words are needed"),
				`your shell's history has it now: find the token's id in "jeton token list" by the secret's last four characters, and revoke it`)
		}
	}
	return nil
}
