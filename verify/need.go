package verify

import (
	"net/url"
	"path"
	"strings"

	"jeton"
)

const (
	root          = "/verify"
	requirePrefix = root + "/require" // then / and names, and the end mark
	endMark       = "-"
	requireName   = "require"
)

// need is the permissions that a verification asks for, still in their own form: a
// query, or the list of a path.
type need struct {
	query string
	list  string
}

// takes reports whether a URL is for verification: at or under /verify, as it was
// sent or decoded.
func takes(u *url.URL) bool { return under(u.Path, root) || under(u.RawPath, root) }

func under(p, root string) bool {
	return strings.HasPrefix(p, root) && (len(p) == len(root) || p[len(root)] == '/')
}

// needOf reads what a URL asks for; false: that cannot be told with certainty. Only
// what was sent in the plain form counts, so that nothing is read in one way here
// and in another by a proxy.
func needOf(u *url.URL) (need, bool) {
	sent := u.RawPath // empty where the decoded path has no other form
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

// hidesRequire reports whether a path is one that asks for permissions in disguise:
// escaped, with dots or doubled slashes, or in another case.
func hidesRequire(p string) bool {
	if len(p) < len(requirePrefix) || !containsFold(p, requireName) {
		return false
	}
	clean := path.Clean(p)
	return len(clean) >= len(requirePrefix) && under(strings.ToLower(clean), requirePrefix)
}

func containsFold(s, lower string) bool {
	for i := 0; i+len(lower) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(lower)], lower) {
			return true
		}
	}
	return false
}

// next takes the first permission off; ok is false when there is none left, and
// good when it could be read.
func (n *need) next() (permission string, ok, good bool) {
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

// readable reports whether all that is asked for are names of permissions.
func (n need) readable() bool {
	for {
		p, ok, good := n.next()
		if !ok {
			return true
		}
		if !good || !jeton.ValidPermission(p) {
			return false
		}
	}
}

// held reports whether the actor holds all that is asked for. What is held is a
// permission's name, so nothing else needs to be asked of it.
func (n need) held(a *jeton.Actor) bool {
	for {
		p, ok, good := n.next()
		if !ok {
			return true
		}
		if !good || !a.Holds(p) {
			return false
		}
	}
}

// lacking returns the names that the actor does not hold, with a space between.
func (n need) lacking(a *jeton.Actor) string {
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
