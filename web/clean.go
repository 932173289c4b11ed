package web

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Clean returns a handler that answers 301 to a path under prefix with "//", "/./" or
// "/../" in it, with any method, and passes every other request to next. It does as
// gorilla/mux, Mattermost's router: it cleans the decoded path, keeps a final slash and
// the query. Unlike there, the Location names no host, whatever the client sent, and a path
// that leaves prefix by "/../" is passed to next: nothing is redirected to another front.
func (f *Funnel) Clean(prefix string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Path
		if to := cleaned(p); to != p && under(prefix, to) {
			w.(*Call).moved(r, BasePath(f.Public)+to)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// moved answers 301 with a decoded path and the query of the request.
func (c *Call) moved(r *http.Request, to string) {
	c.Request = r
	h := c.Header()
	delete(h, "Content-Type") // there is no body
	h["Location"] = []string{(&url.URL{Path: to, RawQuery: r.URL.RawQuery}).String()}
	h["Content-Length"] = []string{"0"}
	c.WriteHeader(http.StatusMovedPermanently)
}

// BasePath returns the decoded path of a public URL, clean and without a final slash: it
// is empty, or begins with one slash. A proxy in front of the server takes it from each
// path.
func BasePath(public *url.URL) string {
	if public == nil {
		return ""
	}
	return strings.TrimSuffix(path.Clean("/"+public.Path), "/")
}

func under(prefix, p string) bool {
	return strings.HasPrefix(p, prefix) && (len(p) == len(prefix) || p[len(prefix)] == '/')
}

// cleaned returns a path as path.Clean does, with one slash before it and its final slash.
func cleaned(p string) string {
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	to := path.Clean(p) // which allocates nothing for a clean path
	if strings.HasSuffix(p, "/") && to != "/" {
		to += "/"
	}
	return to
}
