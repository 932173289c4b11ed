package jeton

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the list
	"io"
	"slices"
	"strings"
	"sync"
)

// commonList holds the most common passwords of at least MinPassword characters, 21,848 of
// them, in lower case, one a line, sorted. passwords_common.md says where they are from.
//
//go:embed passwords_common.txt.gz
var commonList []byte

// commonPasswords returns the list. It is read when the first password is set.
var commonPasswords = sync.OnceValue(func() []string {
	r, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic(err) // the file is part of the program, and a test reads it
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
})

// commonPassword reports whether a password, in lower case, is among the most common ones.
func commonPassword(lower string) bool {
	_, found := slices.BinarySearch(commonPasswords(), lower)
	return found
}
