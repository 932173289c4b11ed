package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"jeton"
)

// The cookies, as Mattermost names them.
const (
	AuthCookie = "MMAUTHTOKEN" // the session's secret
	UserCookie = "MMUSERID"    // the id of its user, for scripts
	CSRFCookie = "MMCSRF"      // the value for X-CSRF-Token, for scripts
)

// Cookies sets and clears the cookies of sessions.
type Cookies struct {
	Secure bool   // clients reach the server by https
	Path   string // of the public URL; empty: /
}

// CookiesOf returns the cookies of a server with a public URL, which may be nil.
func CookiesOf(public *url.URL) Cookies {
	if public == nil {
		return Cookies{}
	}
	return Cookies{Secure: public.Scheme == "https", Path: strings.TrimRight(public.EscapedPath(), "/")}
}

// cookies returns the funnel's cookies for one request: they are secure also where the
// request itself came by TLS.
func (c *Call) cookies() Cookies {
	k := c.funnel.Cookies
	k.Secure = k.Secure || c.Request.TLS != nil
	return k
}

// Set sets the cookies of a session.
func (k Cookies) Set(w http.ResponseWriter, secret, userID string, lasts time.Duration) {
	k.set(w, AuthCookie, secret, lasts)
	k.set(w, UserCookie, userID, lasts)
	k.set(w, CSRFCookie, jeton.CSRF(secret), lasts)
}

func (k Cookies) path() string { return cmp.Or(k.Path, "/") }

func (k Cookies) set(w http.ResponseWriter, name, value string, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: k.path(), MaxAge: max(1, int(lasts/time.Second)),
		HttpOnly: name == AuthCookie, Secure: k.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// Clear makes the browser delete cookies.
func (k Cookies) Clear(w http.ResponseWriter, names ...string) {
	for _, name := range names {
		http.SetCookie(w, &http.Cookie{
			Name: name, Path: k.path(), MaxAge: -1,
			HttpOnly: name == AuthCookie, Secure: k.Secure, SameSite: http.SameSiteLaxMode,
		})
	}
}

// forgeable reports whether another site could have made the browser send a request
// whose secret came in a cookie: the method changes something, and the header that
// only our own pages can fill is wrong. Unlike in Mattermost this holds for tokens in
// cookies too, and X-Requested-With is not enough.
func forgeable(r *http.Request, secret string) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return !jeton.ValidCSRF(secret, r.Header.Get("X-Csrf-Token"))
}
