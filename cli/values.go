package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The types of flags, as pflag names them.
const (
	typeBool     = "bool"
	typeDuration = "duration"
	typeList     = "stringSlice"
	typeText     = "string"
)

// setting is the value of a flag. It reads its text in the same way whether that comes
// from the command line, a variable or the settings file.
type setting struct {
	pflag.Value
	// set is true once a source gave a value. pflag's Changed is true for the command line
	// alone.
	set bool
	// server: the flag belongs to a command on the server's machine. White space around
	// its text is cut. A text of other commands, such as a description, stays as it is.
	server bool
}

// unify makes every flag of a command and of its subcommands a setting.
func unify(cmd *cobra.Command, server bool) {
	server = server || cmd.GroupID == serverGroup
	wrap := func(f *pflag.Flag) {
		if _, done := f.Value.(*setting); done {
			return
		}
		if f.DefValue == "[]" || f.DefValue == "0s" { // pflag knows the zero values of its own types only
			f.DefValue = ""
		}
		f.Value = &setting{Value: f.Value, server: server || f.Name == configFlag || f.Name == urlFlag}
	}
	cmd.Flags().VisitAll(wrap)
	cmd.PersistentFlags().VisitAll(wrap)
	for _, sub := range cmd.Commands() {
		unify(sub, server)
	}
}

// Set implements pflag.Value. A list that is set again gets longer.
func (s *setting) Set(text string) error {
	if s.Type() == typeList {
		return s.add(splitList(text), s.set) // checkedFlags refuses an empty one
	}
	return s.parse(text)
}

// replace sets the value to a text of a variable or of the file.
func (s *setting) replace(texts ...string) error {
	if s.Type() != typeList {
		return s.parse(texts[0])
	}
	var items []string
	for _, text := range texts {
		items = append(items, splitList(text)...)
	}
	if len(items) == 0 && !s.server {
		return errors.New("must not be empty") // no scopes must not mean all of them
	}
	return s.add(items, false)
}

func (s *setting) parse(text string) error {
	kept := text
	text = strings.TrimSpace(text)
	var err error
	switch s.Type() {
	case typeBool:
		text, err = parseBool(text)
	case typeDuration:
		length, parseErr := parseDuration(text)
		text, err = length.String(), parseErr
	case typeText:
		if !s.server {
			text = kept
		}
	}
	if err != nil {
		return err
	}
	if err := s.Value.Set(text); err != nil {
		if strings.HasPrefix(s.Type(), "int") || strings.HasPrefix(s.Type(), "uint") {
			return errors.New("must be a whole number")
		}
		return err
	}
	s.set = true
	return nil
}

// add appends items to the list, or replaces the list by them.
func (s *setting) add(items []string, appending bool) error {
	list := s.Value.(pflag.SliceValue) // every list is one
	s.set = true
	if !appending {
		return list.Replace(items)
	}
	for _, item := range items {
		if err := list.Append(item); err != nil {
			return err
		}
	}
	return nil
}

// splitList splits a list at its commas. It cuts the white space around the items and
// drops empty ones.
func splitList(text string) []string {
	items := []string{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// parseBool returns true or false for one of the usual words, in any case.
func parseBool(text string) (string, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1", "t", "y":
		return "true", nil
	case "false", "no", "off", "0", "f", "n":
		return "false", nil
	}
	return "", errors.New("must be true or false (yes, no, on, off, 1 and 0 are good, too)")
}

// bare returns the value of a flag as pflag made it.
func bare(f *pflag.Flag) pflag.Value {
	if s, ok := f.Value.(*setting); ok {
		return s.Value
	}
	return f.Value // of a flag that cobra added
}

// wasSet reports whether the command line, the environment or the file gave a flag.
func wasSet(flags *pflag.FlagSet, name string) bool {
	f := flags.Lookup(name)
	if f == nil {
		return false
	}
	s, ok := f.Value.(*setting)
	return ok && s.set
}
