package web

import "net/http"

// The values of headers that every answer has, allocated once. Header maps can share
// them, because nothing appends to a slice without spare capacity in place.
var (
	typeJSON       = []string{"application/json"}
	nosniff        = []string{"nosniff"}
	noReferrer     = []string{"no-referrer"}
	empty          = []string{""}
	acceptEncoding = []string{"Accept-Encoding"}
	noStore        = []string{"no-store"}
	expired        = []string{"0"}
)

// headers sets the headers that Mattermost sets on every answer, and no-store: an
// answer is for one caller, so no cache may keep it.
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
