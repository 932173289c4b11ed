package verify

import (
	"net/http"
	"strconv"
	"strings"

	"jeton"
)

// maxScopes is the longest X-Auth-Scopes, in bytes: proxies bound the headers of an
// answer, and nginx answers 500 to what is over.
const maxScopes = 2 << 10

// rendered is the headers of a good answer. Each is shared by all answers about the
// credential: nobody may change one.
type rendered struct {
	userID, username, roles, tokenID, expiresAt, scopes []string
	truncated                                           bool
}

// Values that many share.
var (
	yes     = []string{"true"}
	noStore = []string{"no-store"}
)

// Render makes the headers of a good answer: it is what authn.Options.Render must be
// for this package's verification.
func Render(a jeton.Actor) (any, int) {
	all := []string{a.ID, a.Username, strings.Join(a.Roles, " "), "", "", ""}
	if a.Kind == jeton.KindToken {
		all[3] = a.ViaID
	}
	if a.ExpiresAt != 0 {
		all[4] = strconv.FormatInt(a.ExpiresAt, 10)
	}
	scopes := strings.Join(scopesOf(a.Permissions()), " ")
	truncated := len(scopes) > maxScopes
	if !truncated {
		all[5] = scopes
	}
	r := &rendered{
		userID: all[0:1:1], username: all[1:2:2], roles: all[2:3:3], tokenID: all[3:4:4], expiresAt: all[4:5:5],
		scopes: all[5:6:6], truncated: truncated,
	}
	const fixed = 272 // of the record and its slices
	return r, fixed + len(all[2]) + len(all[4]) + len(all[5])
}

// scopesOf returns the permissions of the organisation's own, which have a colon in
// their names: those are what its services ask for.
func scopesOf(permissions []string) []string {
	var out []string
	for _, p := range permissions {
		if strings.Contains(p, ":") {
			out = append(out, p)
		}
	}
	return out
}

// set puts the headers into an answer. All but scopes that are too long are there in
// every good answer, empty where there is nothing to say: a proxy that copies them
// overwrites what a client made up.
func (r *rendered) set(h http.Header) {
	h["X-Auth-User-Id"] = r.userID
	h["X-Auth-Username"] = r.username
	h["X-Auth-Roles"] = r.roles
	h["X-Auth-Token-Id"] = r.tokenID
	h["X-Auth-Expires-At"] = r.expiresAt
	if r.truncated {
		h["X-Auth-Scopes-Truncated"] = yes
	} else {
		h["X-Auth-Scopes"] = r.scopes
	}
}
