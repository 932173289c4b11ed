package verify

import (
	"net/http"
	"strconv"
	"strings"

	"jeton"
)

// maxScopes is the longest X-Auth-Scopes, in bytes. Proxies bound the headers of an answer:
// nginx answers 500 beyond its bound.
const maxScopes = 2 << 10

// rendered is the header values of a good answer. All answers for one credential share
// them: they must not be changed.
type rendered struct {
	userID, username, roles, tokenID, expiresAt, scopes []string
	truncated                                           bool
}

// Header values that all answers share: they must not be changed.
var (
	yes     = []string{"true"}
	noStore = []string{"no-store"}
)

// Render returns the headers of a good answer and their size in bytes. It is the
// authn.Options.Render that a Front needs.
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
	const fixed = 272 // bytes of the record and its slices
	return r, fixed + len(all[2]) + len(all[4]) + len(all[5])
}

// scopesOf returns the organisation's own permissions, which have a colon in their names:
// services do not need Jeton's.
func scopesOf(permissions []string) []string {
	var out []string
	for _, p := range permissions {
		if strings.Contains(p, ":") {
			out = append(out, p)
		}
	}
	return out
}

// set sets the headers of a good answer. It sets each of them, with an empty value if there
// is none, so that a proxy that copies them overwrites headers that a client forged. Only
// scopes that are too long are left out.
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
