package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"jeton"
)

// Call is one request in the funnel. It is valid until the handler returns; nothing
// may keep it longer, because it is used for another request then.
type Call struct {
	Request *http.Request
	Actor   jeton.Actor // zero: the caller is not known
	ID      string      // of the request, made here: one that the client sends is ignored
	Address string      // the client's; empty: not known

	funnel  *Funnel
	w       http.ResponseWriter
	pattern string
	status  int
	cause   error // for the log
	quiet   bool  // see Quiet
}

var calls = sync.Pool{New: func() any { return new(Call) }}

// Context is the request's.
func (c *Call) Context() context.Context { return c.Request.Context() }

// Header returns the answer's headers. With Write and WriteHeader it makes the call an
// http.ResponseWriter, which the router passes on.
func (c *Call) Header() http.Header { return c.w.Header() }

// WriteHeader remembers the status for the log.
func (c *Call) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.w.WriteHeader(status)
}

func (c *Call) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	return c.w.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *Call) Unwrap() http.ResponseWriter { return c.w }

// PositionHeader is the header of an answer to a change: the position of the change
// in the journal, as jeton.Receipt.String gives it.
const PositionHeader = "X-Jeton-Position"

// Changed sets PositionHeader. The zero receipt sets nothing.
func (c *Call) Changed(r jeton.Receipt) {
	if at := r.String(); at != "" {
		c.Header()[PositionHeader] = []string{at}
	}
}

// Reveal returns the text of a secret that the answer holds, and makes the answer one
// that no cache may keep.
func (c *Call) Reveal(s jeton.Secret) string {
	c.Header()["Cache-Control"] = noStore
	return s.Reveal()
}

// Query returns the first value of a parameter of the URL, or "" if it is missing.
func (c *Call) Query(name string) string {
	v, _ := queryValue(c.Request.URL.RawQuery, name)
	return v
}

// Quiet logs the call at debug level unless it fails. It is for requests that clients
// repeat all the time.
func (c *Call) Quiet() { c.quiet = true }

// LogIn sets the cookies of a new session.
func (c *Call) LogIn(secret, userID string, lasts time.Duration) {
	c.cookies().Set(c, secret, userID, lasts)
}

// LogOut clears the cookies of a session.
func (c *Call) LogOut() { c.cookies().Clear(c, AuthCookie, UserCookie, CSRFCookie) }

// NotFound fails the call as one without a route, or with a method that no route can have.
func (c *Call) NotFound(r *http.Request, pattern string) {
	c.Request, c.pattern = r, pattern
	code := jeton.CodeRouteNotFound
	if !ValidMethod(r.Method) {
		code = CodeMethodRefused
		if h := c.Header(); h["Allow"] == nil {
			h["Allow"] = []string{""} // required with 405; a path without routes has no methods
		}
	}
	c.funnel.fail(c, &jeton.Error{Code: code})
}
