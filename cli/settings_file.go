package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// settingsFile is a YAML file of settings, with values that are not yet parsed.
type settingsFile map[string]*yaml.Node

// readSettingsFile reads a file. It refuses unknown and repeated keys: a typing error
// must not mean a default.
func readSettingsFile(path string, known map[string]*pflag.Flag) (settingsFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the path
	}
	defer f.Close() //nolint:errcheck // nothing was written
	var doc yaml.Node
	decoder := yaml.NewDecoder(f)
	if err := decoder.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document")
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: settings are lines of \"name: value\"", top.Line)
	}
	s := settingsFile{}
	for i := 0; i < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		flag := known[key.Value]
		if flag == nil {
			return nil, unknownKey(key, known)
		}
		if s[key.Value] != nil {
			return nil, fmt.Errorf("line %d: key %q is given twice", key.Line, key.Value)
		}
		if err := rightType(flag, value); err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", value.Line, key.Value, err)
		}
		s[key.Value] = value
	}
	return s, nil
}

// unknownKey returns the error of a key that no setting has.
func unknownKey(key *yaml.Node, known map[string]*pflag.Flag) error {
	variables := map[string]bool{}
	for name := range known {
		variables[variable(name)] = true
	}
	near := nearest(variable(key.Value), variables)
	for name := range known {
		if variable(name) == near {
			return fmt.Errorf("line %d: unknown key %q; did you mean %q?", key.Line, key.Value, name)
		}
	}
	return fmt.Errorf("line %d: unknown key %q", key.Line, key.Value)
}

// rightType checks that the YAML type of a value is that of the flag: "yes please" is not
// a number, and 5 is not text.
func rightType(f *pflag.Flag, value *yaml.Node) error {
	want, words := []string{"!!str"}, "text"
	switch f.Value.Type() {
	case typeBool:
		want, words = []string{"!!bool", "!!str", "!!int"}, "true or false" // yes is text to YAML 1.2, and 1 a number
	case "int", "int64", "uint64":
		want, words = []string{"!!int"}, "a whole number"
	case typeMode:
		want, words = []string{"!!int", "!!str"}, "a mode such as 0660"
	case typeDuration:
		words = "a duration as text, such as 90s or 30d"
	case typeList:
		if value.Kind == yaml.SequenceNode {
			for _, item := range value.Content {
				if item.ShortTag() != "!!str" {
					return errors.New("must be a list of texts")
				}
			}
			return nil
		}
		words = "text or a list of texts"
	}
	if value.Kind != yaml.ScalarNode || !slices.Contains(want, value.ShortTag()) {
		return fmt.Errorf("must be %s", words)
	}
	return nil
}

// fill sets the flags of one command that were not given on the command line.
func (s settingsFile) fill(flags *pflag.FlagSet) error {
	for name, value := range s {
		f := flags.Lookup(name)
		if f == nil || f.Changed {
			continue
		}
		texts := []string{value.Value}
		if value.Kind == yaml.SequenceNode {
			texts = nil
			for _, item := range value.Content {
				texts = append(texts, item.Value)
			}
		}
		if err := f.Value.(*setting).replace(texts...); err != nil {
			return fmt.Errorf("line %d: %s: %w, not %q", value.Line, name, err, value.Value)
		}
	}
	return nil
}
