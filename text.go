package jeton

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// validText reports whether both databases can store s as text: valid UTF-8 without
// NUL.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// fits reports whether s is valid text of at most limit characters.
func fits(s string, limit int) bool { return utf8.RuneCountInString(s) <= limit && validText(s) }

// truncate returns at most the first limit bytes of s, as valid text.
func truncate(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// uniqueStrings returns the first of each string, in order; never nil.
func uniqueStrings(in []string) []string {
	out := []string{}
	found := map[string]bool{}
	for _, s := range in {
		if !found[s] {
			found[s] = true
			out = append(out, s)
		}
	}
	return out
}

const maxShown = 128 // bytes of a value that an error names

// longRun matches what may be part of a secret: no name of a role or a permission has
// so many letters and digits without a separator.
var longRun = regexp.MustCompile(`[0-9A-Za-z]{24,}`)

// shown returns a value of a request as an error can name it: bounded, valid text, and
// without anything that may be a secret which was sent in the wrong place.
func shown(s string) string { return truncate(longRun.ReplaceAllString(s, mask), maxShown) }
