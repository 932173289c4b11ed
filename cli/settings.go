package cli

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"jeton/sqlstore"
)

const (
	configFlag = "config"
	dbFlag     = "db"
)

// variable returns the name of the environment variable of a flag.
func variable(flag string) string {
	return "JETON_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applySettings sets the flags that are not on the command line: from the environment,
// otherwise from the file. The flags themselves are the list of settings.
func applySettings(cmd *cobra.Command, t *terminal) error {
	if err := refusePassword(cmd.Flags()); err != nil {
		return err
	}
	if path := firstOf(cmd.Flag(configFlag).Value.String(), strings.TrimSpace(t.env(variable(configFlag)))); path != "" {
		file, err := readSettingsFile(path, allFlags(cmd.Root()))
		if err != nil {
			return usage(fmt.Errorf("settings file %s: %w", path, err), "correct the file, or leave out --config")
		}
		if err := file.fill(cmd.Flags()); err != nil {
			return usage(fmt.Errorf("settings file %s: %w", path, err), `"%s --help" says which values each setting accepts`, cmd.CommandPath())
		}
	}
	var failed error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if failed == nil && !f.Changed && isSetting(f) {
			failed = applyVariable(cmd, t, f)
		}
	})
	cmd.Flags().VisitAll(given)
	return failed
}

// applyVariable sets a flag from its variable, if that is set. An error repeats the value:
// a secret setting is a text, which never fails.
func applyVariable(cmd *cobra.Command, t *terminal, f *pflag.Flag) error {
	name := variable(f.Name)
	text, err := t.setting(name)
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	if err := f.Value.(*setting).replace(text); err != nil {
		return usage(fmt.Errorf("variable %s: %w, not %q", name, err, text), `"%s --help" says which values --%s accepts`, cmd.CommandPath(), f.Name)
	}
	return nil
}

// given marks a required flag as given if the environment or the file set it.
func given(f *pflag.Flag) {
	if s, ok := f.Value.(*setting); ok && s.set && f.Annotations[cobra.BashCompOneRequiredFlag] != nil {
		f.Changed = true
	}
}

// isSetting reports whether variables and the file can set a flag.
func isSetting(f *pflag.Flag) bool {
	_, ok := f.Value.(*setting)
	return ok && f.Name != configFlag
}

// allFlags returns every setting of every command by name. One file serves all commands,
// so a key is unknown only if no command has it.
func allFlags(root *cobra.Command) map[string]*pflag.Flag {
	flags := map[string]*pflag.Flag{}
	add := func(f *pflag.Flag) {
		if isSetting(f) {
			flags[f.Name] = f
		}
	}
	for _, cmd := range append(root.Commands(), root) {
		cmd.Flags().VisitAll(add)
		cmd.PersistentFlags().VisitAll(add)
		if cmd != root {
			for name, f := range allFlags(cmd) {
				flags[name] = f
			}
		}
	}
	return flags
}

// refusePassword refuses a database URL with a password on the command line, which every
// user of the machine can read. The error does not repeat the URL.
func refusePassword(flags *pflag.FlagSet) error {
	f := flags.Lookup(dbFlag)
	if f == nil || !f.Changed || !holdsPassword(f.Value.String()) {
		return nil
	}
	return usage(errors.New("--db holds a password, and every user of this machine can read the command line"),
		"put the URL into the variable %s, or as \"db:\" into a file named by --%s", variable(dbFlag), configFlag)
}

// holdsPassword reports whether a PostgreSQL URL holds a password, in the user
// information or in a parameter.
func holdsPassword(db string) bool {
	if !sqlstore.IsPostgres(db) {
		return false
	}
	u, err := url.Parse(db)
	if err != nil {
		return true // unknown: it may hold one
	}
	_, user := u.User.Password()
	return user || u.Query().Has("password") || u.Query().Has("sslpassword")
}

// firstOf returns the first text that is not empty.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
