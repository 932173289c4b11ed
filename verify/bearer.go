package verify

import "strings"

// presented says what an Authorization header held.
type presented int

const (
	nothing   presented = iota // no header, or another scheme
	something                  // a secret in the right form
	malformed                  // Bearer, but not as RFC 6750 has it, or more than one header
)

// bearer reads the secret of a request (RFC 6750, 2.1). The scheme is read in any
// case. Two headers are malformed even if they agree: whoever reads the other one
// behind us may not.
func bearer(lines []string) (secret string, how presented) {
	switch len(lines) {
	case 0:
		return "", nothing
	case 1:
	default:
		return "", malformed
	}
	const scheme = "Bearer"
	line := strings.Trim(lines[0], " \t")
	if len(line) < len(scheme) || !strings.EqualFold(line[:len(scheme)], scheme) {
		return "", nothing
	}
	secret = line[len(scheme):]
	if secret != "" && secret[0] != ' ' {
		if isToken68(secret[0]) {
			return "", nothing // a scheme whose name begins so
		}
		return "", malformed
	}
	if secret = strings.TrimLeft(secret, " "); !token68(secret) {
		return "", malformed
	}
	return secret, something
}

// token68 reports whether s is 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=".
func token68(s string) bool {
	s = strings.TrimRight(s, "=")
	for i := range len(s) {
		if !isToken68(s[i]) {
			return false
		}
	}
	return s != ""
}

func isToken68(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' ||
		b == '-' || b == '.' || b == '_' || b == '~' || b == '+' || b == '/'
}
