package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"jeton"
)

// Call is one request on its way through the funnel. It is valid until the
// handler returns.
type Call struct {
	Request *http.Request
	Actor   jeton.Actor // zero: nobody known
	ID      string      // of the request, made here: a client's own is ignored
	Address string      // the client's

	funnel  *Funnel
	w       http.ResponseWriter
	pattern string
	status  int
	cause   error // what the log says went wrong
	quiet   bool
}

var calls = sync.Pool{New: func() any { return new(Call) }}

// Context is the request's.
func (c *Call) Context() context.Context { return c.Request.Context() }

// Header returns the answer's headers. With Write and WriteHeader it makes the
// call the ResponseWriter of its router.
func (c *Call) Header() http.Header { return c.w.Header() }

// WriteHeader notes the status for the log.
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

// Query returns the first value of a parameter of the URL, "" when it is not given.
func (c *Call) Query(name string) string {
	v, _ := queryValue(c.Request.URL.RawQuery, name)
	return v
}

// Quiet keeps the call out of the log unless it fails: for what clients ask for all
// the time.
func (c *Call) Quiet() { c.quiet = true }

// LogIn sets the cookies of a new session, for the browsers that ask for them.
func (c *Call) LogIn(secret, userID string, lasts time.Duration) {
	c.funnel.Cookies.Set(c, secret, userID, lasts)
}

// LogOut clears the cookies of a session.
func (c *Call) LogOut() { c.funnel.Cookies.Clear(c, AuthCookie, UserCookie, CSRFCookie) }

// NotFound fails the call as one that no route takes.
func (c *Call) NotFound(r *http.Request, pattern string) {
	c.Request, c.pattern = r, pattern
	c.funnel.fail(c, &jeton.Error{Code: jeton.CodeRouteNotFound})
}
