package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newReference prints the reference of all commands, generated from the commands:
// "jeton reference man | man -l -" shows it.
func newReference(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:       "reference FORMAT",
		Short:     "Print the reference of all commands, as man or markdown",
		Example:   "jeton reference man > jeton.1",
		Args:      arguments("FORMAT"),
		ValidArgs: []string{"man", "markdown"},
		Hidden:    true,
		RunE: func(cmd *cobra.Command, args []string) error {
			var f form
			switch args[0] {
			case "man":
				f = roff{t.out}
			case "markdown":
				f = markdown{t.out}
			default:
				return usage(errors.New("there is no such format"), "choose man or markdown")
			}
			writeReference(f, cmd.Root())
			return nil
		},
	}
}

// form writes a page in one format.
type form interface {
	title(short, long string)
	section(name string)
	command(line string)
	text(s string)
	literal(s string)
	entries(list [][2]string)
}

// writeReference writes the page.
func writeReference(f form, root *cobra.Command) {
	f.title(root.Short, root.Long)
	f.section("Commands")
	for _, cmd := range documented(root) {
		writeCommand(f, cmd)
	}
	f.section("Flags of all commands that call a server")
	whoami, _, _ := root.Find([]string{"whoami"})
	f.entries(flagEntries(whoami, func(name string) bool { return name != "help" && slices.Contains(sharedFlags, name) }))
	f.section("Environment")
	f.text("An empty variable counts as not set.")
	f.entries([][2]string{
		{"JETON_URL", "the URL of the server that commands call, instead of the server of the latest log-in"},
		{"JETON_TOKEN", "the secret of the token that commands use, instead of the session of a log-in"},
		{"JETON_<FLAG>", "the value of any flag, in capitals and with _ for -"},
		{"JETON_DB_FILE, JETON_ADMIN_PASSWORD_FILE, JETON_TOKEN_FILE", "a file with the value of the variable without _FILE, which holds a secret"},
		{"JETON_ADMIN_PASSWORD", "the password of the first administrator of an empty database"},
		{"COLUMNS", "the width of tables, instead of the terminal's width"},
	})
	f.section("Files")
	f.entries([][2]string{{"~/.config/jeton/sessions.json", "your log-ins, with the secrets of the sessions; only you can read it ($XDG_CONFIG_HOME replaces ~/.config)"}})
	f.section("Exit status")
	f.entries([][2]string{{"0", "done"}, {"1", "refused or failed"}, {"2", "wrong usage: nothing was done"}})
}

// documented returns the commands without subcommands, in the order of the help.
func documented(cmd *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range cmd.Commands() {
		switch {
		case sub.Hidden || sub.Name() == "help" || sub.Name() == "completion":
		case sub.HasSubCommands():
			out = append(out, documented(sub)...)
		default:
			out = append(out, sub)
		}
	}
	return out
}

func writeCommand(f form, cmd *cobra.Command) {
	f.command(strings.TrimSuffix(cmd.UseLine(), " [flags]"))
	f.text(firstOf(cmd.Long, cmd.Short+"."))
	own := func(name string) bool { return !slices.Contains(sharedFlags, name) }
	if flags := flagEntries(cmd, own); len(flags) > 0 {
		f.entries(flags)
	}
	if cmd.Example != "" {
		f.literal(cmd.Example)
	}
}

// sharedFlags are described once, for all commands.
var sharedFlags = []string{"help", configFlag, urlFlag, caFileFlag, plainHTTPFlag, timeoutFlag}

// flagEntries returns the wanted flags of a command and of its group.
func flagEntries(cmd *cobra.Command, wanted func(name string) bool) [][2]string {
	var list [][2]string
	add := func(flag *pflag.Flag) {
		if !wanted(flag.Name) {
			return
		}
		value, words := pflag.UnquoteUsage(flag)
		name := "--" + flag.Name
		if flag.Shorthand != "" {
			name = "-" + flag.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		if !slices.Contains([]string{"", "false", "[]", "0"}, flag.DefValue) {
			words += " (" + flag.DefValue + ")"
		}
		list = append(list, [2]string{name, words})
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return list
}

// markdown writes docs/reference.md.
type markdown struct{ w io.Writer }

func (m markdown) title(_, long string) {
	fmt.Fprintf(m.w, "# The commands of jeton\n\nMade by `jeton reference markdown`; `make reference` updates it.\n\n%s\n", long)
}
func (m markdown) section(name string) { fmt.Fprintf(m.w, "\n## %s\n", name) }
func (m markdown) command(line string) { fmt.Fprintf(m.w, "\n### %s\n", line) }
func (m markdown) text(s string)       { fmt.Fprintf(m.w, "\n%s\n", s) }
func (m markdown) literal(s string)    { fmt.Fprintf(m.w, "\n```sh\n%s\n```\n", s) }

func (m markdown) entries(list [][2]string) {
	fmt.Fprintf(m.w, "\n| | |\n|---|---|\n")
	for _, e := range list {
		fmt.Fprintf(m.w, "| `%s` | %s |\n", e[0], strings.ReplaceAll(e[1], "|", `\|`))
	}
}

// roff writes a manual page, with the macros of man(7).
type roff struct{ w io.Writer }

// escape escapes what roff would interpret.
func (r roff) escape(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

func (r roff) title(short, long string) {
	fmt.Fprintf(r.w, ".TH JETON 1\n.SH NAME\njeton \\- %s\n.SH DESCRIPTION\n%s\n", r.escape(short), r.paragraphs(long))
}

func (r roff) paragraphs(s string) string { return strings.ReplaceAll(r.escape(s), "\n\n", "\n.PP\n") }
func (r roff) section(name string)        { fmt.Fprintf(r.w, ".SH %s\n", strings.ToUpper(name)) }
func (r roff) command(line string)        { fmt.Fprintf(r.w, ".SS \"%s\"\n", r.escape(line)) }
func (r roff) text(s string)              { fmt.Fprintln(r.w, r.paragraphs(s)) }
func (r roff) literal(s string)           { fmt.Fprintf(r.w, ".PP\n.nf\n%s\n.fi\n", r.escape(s)) }

func (r roff) entries(list [][2]string) {
	for _, e := range list {
		fmt.Fprintf(r.w, ".TP\n.B %s\n%s\n", r.escape(e[0]), r.escape(e[1]))
	}
}
