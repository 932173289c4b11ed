package web

import (
	"net/http"
	"strings"
)

// Credential is a secret as a request brought it.
type Credential struct {
	Secret string // empty: none
	Cookie bool   // it came in a cookie, which a browser sends without being asked
}

// CredentialOf returns the credential of a request: that of the Authorization header
// (Bearer or token, in any case, then a space), else that of the cookie. Unlike in
// Mattermost the header comes first, because no client sends it by accident, and an
// empty cookie counts as none. A secret in the URL never counts.
func CredentialOf(r *http.Request) Credential {
	for _, line := range r.Header["Authorization"] {
		if s := authorization(line); s != "" {
			return Credential{Secret: s}
		}
	}
	for _, line := range r.Header["Cookie"] {
		if s := cookieValue(line, AuthCookie); s != "" {
			return Credential{Secret: s, Cookie: true}
		}
	}
	return Credential{}
}

// authorization returns the secret of an Authorization header, or "" if there is none
// or the scheme is another.
func authorization(line string) string {
	scheme, secret, ok := strings.Cut(line, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token") {
		return ""
	}
	return strings.TrimSpace(secret)
}

// cookieValue returns the first cookie of that name that is not empty, or "".
// net/http's CookiesNamed would allocate a cookie for each request.
func cookieValue(line, name string) string {
	for len(line) > 0 {
		part, rest, _ := strings.Cut(line, ";")
		line = rest
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || key != name {
			continue
		}
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		if value != "" {
			return value
		}
	}
	return ""
}

// tokenInQuery reports whether the URL holds a secret.
func tokenInQuery(query string) bool {
	if query == "" {
		return false
	}
	v, ok := queryValue(query, "access_token")
	return ok && v != ""
}
