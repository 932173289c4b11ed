package jeton

import (
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
