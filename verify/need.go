package verify

import (
	"net/url"
	"path"
	"strings"

	"jeton"
)

const (
	root          = "/verify"
	requirePrefix = root + "/require" // followed by /, the names with commas, / and the end mark
	endMark       = "-"
	requireName   = "require"
)

// need is the permissions that a verification requires, not yet parsed: a query, or the
// list in a path.
type need struct {
	query string
	list  string
}

// isVerification reports whether a URL is at or under /verify, as sent or decoded.
func isVerification(u *url.URL) bool { return under(u.Path, root) || under(u.RawPath, root) }

// under reports whether p is root, or a path under root.
func under(p, root string) bool {
	return strings.HasPrefix(p, root) && (len(p) == len(root) || p[len(root)] == '/')
}

// needOf returns the requirement of a URL; false: it cannot be read with certainty. It splits
// the path as sent, not decoded, so that the server and a proxy cannot read one path in two
// ways.
func needOf(u *url.URL) (need, bool) {
	sent := u.RawPath // empty if the path needs no escape other than the default
	if sent == "" {
		sent = u.Path
	}
	switch {
	case sent == root:
		return need{query: u.RawQuery}, true
	case !under(sent, root):
		return need{}, false // such as /%76erify
	case under(sent, requirePrefix):
		rest := strings.TrimPrefix(sent[len(requirePrefix):], "/")
		list, tail, _ := strings.Cut(rest, "/")
		return need{list: list}, list != "" && under("/"+tail, "/"+endMark)
	}
	return need{}, !hidesRequire(u.Path)
}

// hidesRequire reports whether a path means /verify/require in another form: escaped, with
// dot segments or doubled slashes, or in another case.
func hidesRequire(p string) bool {
	if len(p) < len(requirePrefix) || !containsFold(p, requireName) {
		return false
	}
	clean := path.Clean(p)
	return len(clean) >= len(requirePrefix) && under(strings.ToLower(clean), requirePrefix)
}

// containsFold reports whether s contains lower, which is ASCII, in any case.
func containsFold(s, lower string) bool {
	for i := 0; i+len(lower) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(lower)], lower) {
			return true
		}
	}
	return false
}

// next removes the first permission and returns it. ok: there was one left. valid: it could
// be read.
func (n *need) next() (permission string, ok, valid bool) {
	for n.query != "" {
		var pair string
		pair, n.query, _ = strings.Cut(n.query, "&")
		if strings.Contains(pair, ";") {
			return "", true, false
		}
		key, value, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			return "", true, false
		}
		if key != requireName {
			continue
		}
		value, err = url.QueryUnescape(value)
		return value, true, err == nil
	}
	if n.list == "" {
		return "", false, true
	}
	var more bool
	permission, n.list, more = strings.Cut(n.list, ",")
	if more && n.list == "" {
		return "", true, false // a comma at the end
	}
	permission, err := url.PathUnescape(permission)
	return permission, true, err == nil
}

// readable reports whether everything that is required is the name of a permission.
func (n need) readable() bool {
	for {
		p, ok, valid := n.next()
		if !ok {
			return true
		}
		if !valid || !jeton.ValidPermission(p) {
			return false
		}
	}
}

// held reports whether the actor holds all required permissions. It need not check names:
// an actor holds valid names only.
func (n need) held(a *jeton.Actor) bool {
	for {
		p, ok, valid := n.next()
		if !ok {
			return true
		}
		if !valid || !a.Holds(p) {
			return false
		}
	}
}

// missing returns the names that the actor does not hold, separated by spaces.
func (n need) missing(a *jeton.Actor) string {
	var out []string
	for {
		p, ok, _ := n.next()
		if !ok {
			return strings.Join(out, " ")
		}
		if !a.Holds(p) {
			out = append(out, p)
		}
	}
}
