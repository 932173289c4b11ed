package jeton

import (
	"strings"
	"unicode/utf8"
)

// Limits of a new password, in characters.
const (
	MinPassword = 8
	MaxPassword = 72

	minWithName = 6  // what a password that holds a name of its user must hold besides
	minName     = 3  // the shortest name that is looked for
	minKinds    = 4  // different characters, in a password of less than
	varied      = 32 // this length
)

// product is a word that no password may consist of, as the user's own names.
const product = "jeton"

// checkNewPassword checks a new password of a user. The rules are those of NIST SP 800-63B:
// a length, no word that an attacker tries first, and no rules of composition. A log-in does
// not ask them: passwords that were set before stay good.
func checkNewPassword(password string, u User) error {
	n := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	rest := withoutNames(lower, u)
	switch {
	case n < MinPassword:
		return fail(CodePasswordTooShort)
	case n > MaxPassword:
		return fail(CodePasswordTooLong)
	case !utf8.ValidString(password):
		return fail(CodePasswordText)
	case n < varied && kinds(password) < minKinds:
		return fail(CodePasswordSimple)
	case commonPassword(lower):
		return fail(CodePasswordCommon)
	case rest != lower && (utf8.RuneCountInString(rest) < minWithName || commonPassword(rest)):
		return fail(CodePasswordNamed)
	}
	return nil
}

// withoutNames returns the password without the names of its user and of the product. All are in
// lower case.
func withoutNames(password string, u User) string {
	email := strings.ToLower(u.Email)
	local, _, _ := strings.Cut(email, "@")
	for _, name := range []string{email, strings.ToLower(u.Username), local, product} {
		if utf8.RuneCountInString(name) >= minName {
			password = strings.ReplaceAll(password, name, "")
		}
	}
	return password
}

// kinds returns the number of different characters, at most minKinds.
func kinds(s string) int {
	seen := make(map[rune]bool, minKinds)
	for _, r := range s {
		if seen[r] = true; len(seen) == minKinds {
			break
		}
	}
	return len(seen)
}
