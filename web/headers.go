package web

// The values of headers that every answer has, allocated once. Header maps can share
// them, because nothing appends to a slice without spare capacity in place.
var (
	typeJSON   = []string{"application/json"}
	nosniff    = []string{"nosniff"}
	noReferrer = []string{"no-referrer"}
	empty      = []string{""}
	noStore    = []string{"no-store"}
	expired    = []string{"0"}

	// vary has the credentials, so that no cache gives one caller's answer to another.
	vary = []string{"Accept-Encoding", "Authorization, Cookie"}

	// noContent lets a browser that opens an answer run and load nothing, and show it in
	// no frame.
	noContent = []string{"default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
)

// headers sets the headers that Mattermost sets on every answer, and those that protect
// browsers. No cache can use an answer without asking again: it is no-store, or with
// Funnel.Storable expired.
func (f *Funnel) headers(c *Call) {
	h := c.Header()
	h["Content-Type"] = typeJSON
	h["X-Request-Id"] = []string{c.ID}
	h["X-Content-Type-Options"] = nosniff
	h["Content-Security-Policy"] = noContent
	h["Referrer-Policy"] = noReferrer
	h["Vary"] = vary
	if f.version != nil {
		h["X-Version-Id"] = f.version
	}
	// A map of more than eight headers is made anew for each answer, which costs the
	// answers of verification a tenth.
	if !f.Storable {
		h["Cache-Control"] = noStore
		return
	}
	h["Permissions-Policy"] = empty
	h["Expires"] = expired
}
