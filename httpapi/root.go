package httpapi

import (
	"html"
	"net/http"
	"net/url"
	"strings"

	"jeton/web"
)

// pageStart and pageEnd are the page at the root, around the URL of the description. It
// names no version: a stranger can read it.
const (
	pageStart = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Jeton</title>
<h1>Jeton</h1>
<p>This is Jeton, a server of personal access tokens. It speaks the Mattermost API v4.</p>
<p>Its API is described in <a href="`
	pageEnd = `">openapi.yaml</a>.</p>
</html>
`
)

// pagePolicy lets the page load nothing, send nothing, and be shown in no frame.
const pagePolicy = "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// rootPage returns a handler that answers GET and HEAD of the root with a page, and passes
// every other request to next. Stock clients ask for the instance's URL before they log in,
// so the path of the public URL is a root too, with and without its final slash: a proxy
// may leave it in the request. A public path under Prefix has no page: it would hide a route.
func (a *api) rootPage(next http.Handler) http.Handler {
	base := web.BasePath(a.public)
	description := (&url.URL{Path: base + Prefix + "/openapi.yaml"}).String()
	page := []byte(pageStart + html.EscapeString(description) + pageEnd)
	show := a.funnel.Route("/", web.Open, func(c *web.Call) (any, error) {
		h := c.Header()
		h.Del("X-Version-Id")
		h.Set("Content-Security-Policy", pagePolicy)
		return web.Reply{Value: page, Type: "text/html; charset=utf-8"}, nil
	})
	if strings.HasPrefix(base+"/", Prefix+"/") {
		base = ""
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "", "/", base, base + "/":
			if r.Method == http.MethodGet || r.Method == http.MethodHead {
				show(w, r)
				return
			}
			w.Header().Set("Allow", "GET, HEAD")
		}
		next.ServeHTTP(w, r)
	})
}
