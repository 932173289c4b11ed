// Package cli is the program jeton: its commands, one file each, and the sources of
// their settings. It owns flags, signals, listeners, the text on the terminal and the
// exit status. It must not hold an access rule, SQL or an HTTP handler. How
// the parts of a server are connected is decided in package node.
//
// What the user asked for goes to stdout; errors, progress and logs go to stderr, so a
// pipe gets data alone. An error says what to do next. A command asks a question only
// at a terminal, and every question has a flag that answers it. Secrets are never read
// from the command line, which every user of the machine can see.
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
	exitUsage  = 2 // wrong usage: nothing was done
)

// The groups of commands in the help.
const (
	serverGroup = "server"
	clientGroup = "client"
)

// terminal is the environment of a command.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string // a variable that is empty counts as not set
	environ  []string            // all variables, as NAME=value
	now      func() time.Time
}

// Main runs the program with the arguments after its name and the variables of its
// environment (NAME=value), and returns its exit status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	t := &terminal{in: stdin, out: stdout, err: stderr, env: lookUp(environ), environ: environ, now: time.Now}
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

// lookUp returns a function that returns the value of a variable. Of two with one name the
// first counts, as in package os.
func lookUp(environ []string) func(name string) string {
	values := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			if _, again := values[name]; !again {
				values[name] = value
			}
		}
	}
	return func(name string) string { return values[name] }
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "jeton",
		Short: "A self-hosted server of personal access tokens",
		Long: `Jeton manages the personal access tokens of people and bots, and tells your own
APIs whether a token is valid. It speaks the Mattermost API v4.

Every flag can also be set by an environment variable (JETON_ and its name in
capitals, with _ for -) and by its name in the YAML file of --config. The command line
takes precedence over the environment, and the environment over the file. Lists are
separated by commas; durations are like 90s, 12h, 30d or 1d12h; booleans are true or
false, yes or no, on or off.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := applySettings(cmd, t); err != nil {
				return err
			}
			if err := errors.Join(cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups()); err != nil {
				return usage(err, `"%s --help" says which flags go together`, cmd.CommandPath())
			}
			if cmd.Name() != serveCommand && !strings.HasPrefix(cmd.Name(), "__") { // the first logs them, completions show nothing
				for _, text := range unknownVariables(cmd.Root(), t.environ) {
					fmt.Fprintf(t.err, "jeton: warning: %s\n", text)
				}
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
	for _, cmd := range []*cobra.Command{newServe(t), newAdmin(t), newHealth(t)} {
		cmd.GroupID = serverGroup
		root.AddCommand(cmd)
	}
	addRemote(root, t)
	root.AddCommand(newVersion(t), newReference(t))
	group(root)
	unify(root, false)
	return root
}

// group defines what a command with subcommands does when none is given: it shows its
// help. For an unknown subcommand it suggests similar ones.
func group(cmd *cobra.Command) {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			cmd.SetOut(cmd.ErrOrStderr())
			_ = cmd.Help()
			return usage(errors.New("a command is missing"), "choose one of the commands above")
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

// nearCommands returns the paths of the commands below cmd whose last word resembles
// the given one.
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

// arguments requires exactly these arguments.
func arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return checked(args)
		}
		return usage(fmt.Errorf("%d arguments given, %d needed", len(args), len(names)), "usage: %s", cmd.UseLine())
	}
}
