package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// fileSuffix ends the name of a variable that names the file of a secret.
const fileSuffix = "_FILE"

// maxSecretFile is the largest file of a secret, in bytes.
const maxSecretFile = 64 << 10

// secretVariables are the settings that hold a secret. Each can also come from the file
// that its variable with fileSuffix names: containers get secrets as files.
var secretVariables = []string{variable(dbFlag), adminPasswordVariable, tokenVariable}

// setting returns the value of a variable: empty if it is not set. That of a secret is
// read from its file, if there is one, without the line end after it.
func (t *terminal) setting(name string) (string, error) {
	text := t.env(name)
	if !slices.Contains(secretVariables, name) {
		return text, nil
	}
	path := t.env(name + fileSuffix)
	switch {
	case path == "":
		return text, nil
	case text != "":
		return "", usage(fmt.Errorf("%[1]s and %[1]s%[2]s are both set", name, fileSuffix), "unset one of them")
	}
	secret, err := readSecretFile(path)
	if err != nil {
		return "", usage(fmt.Errorf("variable %s%s: %w", name, fileSuffix, err), "name a file that holds the value of %s, and nothing else", name)
	}
	return secret, nil
}

// readSecretFile returns what a file holds, without the line ends after it. An empty file
// is an error: it would count as not set.
func readSecretFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxSecretFile {
		return "", fmt.Errorf("%s is longer than %d bytes", path, maxSecretFile)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if strings.TrimSpace(secret) == "" {
		return "", errors.New(path + " is empty")
	}
	return secret, nil
}
