// Package cli is the program jeton: its commands, one file each, and where their
// settings come from. It owns what is wired to what, the words on the terminal
// and the exit status. It must hold no rule of who may do what, no SQL and no
// HTTP handler.
//
// How the commands speak: what was asked for goes to stdout, everything about
// the work (errors, progress, logs) to stderr, so that a pipe gets data alone. An
// error says what to do next. Nothing asks a question unless a person is there
// to answer, and every question has a flag that answers it beforehand. A secret
// is never taken from the command line, which every user of a machine can read.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	exitDone   = 0
	exitFailed = 1 // refused or failed
	exitUsage  = 2 // wrong usage: nothing was tried
)

// The groups of commands in the help.
const (
	serverGroup = "server"
	clientGroup = "client"
)

// terminal is what a command runs in.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string // a variable that is empty counts as not set
	now      func() time.Time
}

// Main runs the program with the arguments after its name, and returns its exit
// status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env func(string) string) int {
	t := &terminal{in: stdin, out: stdout, err: stderr, env: env, now: time.Now}
	root := newRoot(t)
	root.SetArgs(args)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return exitDone
	}
	report(stderr, err)
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "jeton",
		Short: "A self-hosted server of personal access tokens",
		Long: `Jeton keeps the personal access tokens of people and bots, and tells your own
APIs whether one is good. It speaks the Mattermost API v4.

Every flag has an environment variable, JETON_ and its name in capitals with _
for -, and may stand in the YAML file of --config under its name. A flag beats the
variable, the variable beats the file.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := applySettings(cmd, t.env); err != nil {
				return err
			}
			if err := errors.Join(cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups()); err != nil {
				return usage(err, `"%s --help" says which flags go together`, cmd.CommandPath())
			}
			return nil
		},
	}
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	root.PersistentFlags().String(configFlag, "", "a YAML `file` of settings")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, `"%s --help" lists the flags`, cmd.CommandPath())
	})
	root.AddGroup(&cobra.Group{ID: serverGroup, Title: "On the server's machine:"}, &cobra.Group{ID: clientGroup, Title: "From anywhere, logged in or with JETON_URL and JETON_TOKEN:"})
	for _, cmd := range []*cobra.Command{newServe(t), newAdmin(t)} {
		cmd.GroupID = serverGroup
		root.AddCommand(cmd)
	}
	addRemote(root, t)
	root.AddCommand(newVersion(t), newReference(t))
	group(root)
	return root
}

// group makes a command that only holds others answer for itself: without a
// word it shows its help, with a word it does not know it says which it may be.
func group(cmd *cobra.Command) {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			cmd.SetOut(cmd.ErrOrStderr())
			_ = cmd.Help()
			return usage(errors.New("a command is missing"), "say which of the commands above to run")
		}
		if err := noSecrets(args); err != nil {
			return err
		}
		err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
		near := nearCommands(cmd, args[0])
		if len(near) == 0 {
			near = nearCommands(cmd.Root(), args[0])
		}
		if len(near) == 0 {
			return usage(err, `"%s --help" lists the commands`, cmd.CommandPath())
		}
		return usage(err, `did you mean "%s"?`, strings.Join(near, `" or "`))
	}
}

// nearCommands returns the full commands, anywhere below cmd, whose last word is
// like the one given.
func nearCommands(cmd *cobra.Command, word string) []string {
	var near []string
	cmd.SuggestionsMinimumDistance = 2
	for _, name := range cmd.SuggestionsFor(word) {
		near = append(near, cmd.CommandPath()+" "+name)
	}
	for _, sub := range cmd.Commands() {
		if sub.HasAvailableSubCommands() && sub.Name() != "completion" {
			near = append(near, nearCommands(sub, word)...)
		}
	}
	slices.Sort(near)
	return near
}

// arguments checks how many there are, as wrong usage.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return checked(args)
		}
		return usage(fmt.Errorf("%d arguments given, %d needed", len(args), len(names)), "usage: %s", cmd.UseLine())
	}
}
