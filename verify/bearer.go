package verify

import "strings"

// presented is the form of a request's credentials.
type presented int

const (
	nothing   presented = iota // no Authorization header, or another scheme
	something                  // a well-formed token
	malformed                  // Bearer, but not as in RFC 6750, or more than one header
)

// bearer returns the token of the request's Authorization header lines (RFC 6750, 2.1).
// The scheme is not case-sensitive. Two headers are malformed even if they are equal: a
// program behind the proxy may read the other one.
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
			return "", nothing // another scheme that begins with Bearer
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

// isToken68 reports whether b may stand in a token68 before the padding.
func isToken68(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' ||
		b == '-' || b == '.' || b == '_' || b == '~' || b == '+' || b == '/'
}
