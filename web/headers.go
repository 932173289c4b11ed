package web

import "net/http"

// The values that every answer carries, made once: a header map may share them,
// as nothing appends to a slice without room.
var (
	typeJSON       = []string{"application/json"}
	nosniff        = []string{"nosniff"}
	noReferrer     = []string{"no-referrer"}
	empty          = []string{""}
	acceptEncoding = []string{"Accept-Encoding"}
	noStore        = []string{"no-store"}
	expired        = []string{"0"}
)

// headers sets what Mattermost sets on every handled request, and no-store:
// what one caller may read is for nobody's cache.
func (f *Funnel) headers(c *Call) {
	h := c.Header()
	h["Content-Type"] = typeJSON
	h["X-Request-Id"] = []string{c.ID}
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Permissions-Policy"] = empty
	h["Vary"] = acceptEncoding
	h["Cache-Control"] = noStore
	if f.version != nil {
		h["X-Version-Id"] = f.version
	}
	if c.Request.Method == http.MethodGet {
		h["Expires"] = expired
	}
}
