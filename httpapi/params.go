package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"jeton"
	"jeton/web"
)

// paramNames returns the names between the braces of a pattern.
func paramNames(pattern string) (names []string) {
	for part := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// pathParam returns a parameter of the path, unescaped: chi returns it from the raw path
// where there is one.
func pathParam(r *http.Request, name string) string { return unescaped(chi.URLParam(r, name)) }

func unescaped(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out, err := url.PathUnescape(s)
	if err != nil {
		return ""
	}
	return out
}

// fixedSegments are the segments that Mattermost 11 has directly under /users, and that its
// clients ask for: none of them is a user, also where there is no such route here. "tokens"
// is not among them, as it was taken for a user's id before, with the methods of one.
var fixedSegments = []string{
	"autocomplete", "email", "groups", "ids", "known", "login", "logout", "mfa", "password", "search", "sessions", "stats",
	"status", "username", "usernames",
}

// routable reports whether a parameter can stand in its path: it has only the characters
// that Mattermost's router allows, and it is no fixed segment.
func routable(name, value string) bool {
	return inAlphabet(name, value) && (name != "user_id" || !slices.Contains(fixedSegments, value))
}

// inAlphabet reports whether a parameter has only the characters that the patterns of
// Mattermost's router allow.
func inAlphabet(name, value string) bool {
	switch name {
	case "email":
		return value != ""
	case "username":
		return madeOf(value, "_-.", true)
	case "role_name":
		return madeOf(value, "_", false)
	}
	return madeOf(value, "", true)
}

// madeOf reports whether s is not empty and has only ASCII letters (upper: of both
// cases), digits, and characters of extra.
func madeOf(s, extra string, upper bool) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9', upper && 'A' <= b && b <= 'Z':
		case !strings.Contains(extra, string(rune(b))):
			return false
		}
	}
	return s != ""
}

// userID returns the user id in the path; "me" is the actor.
func userID(c *web.Call) (string, error) {
	if id := pathParam(c.Request, "user_id"); id != "me" {
		return checkedID(id, "user_id")
	}
	return c.Actor.ID, nil
}

// pathID returns an id in the path.
func pathID(c *web.Call, name string) (string, error) {
	return checkedID(pathParam(c.Request, name), name)
}

func checkedID(id, name string) (string, error) {
	if !jeton.ValidID(id) {
		return "", web.InvalidURL(name)
	}
	return id, nil
}

// page reads page and per_page as Mattermost does: a value that is negative or not a
// number counts as absent, and a size over the limit is the limit. When per_page is not
// a number, pageSize is read instead.
func page(c *web.Call) jeton.Page { return parsePage(c.Query("page"), c.Query) }

func parsePage(number string, query func(string) string) jeton.Page {
	p := jeton.Page{Number: 0, Size: jeton.DefaultPageSize}
	if n, ok := atoi(number); ok && n > 0 {
		p.Number = n
	}
	size, ok := atoi(query("per_page"))
	if !ok {
		size, ok = atoi(query("pageSize"))
	}
	if ok && size >= 0 {
		p.Size = min(size, jeton.MaxPageSize)
	}
	return p
}

func atoi(s string) (int64, bool) {
	if s == "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return int64(n), err == nil
}

// flag reads a boolean parameter. Absent and malformed values are false.
func flag(c *web.Call, name string) bool {
	on, _ := strconv.ParseBool(c.Query(name))
	return on
}
