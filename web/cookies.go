package web

import (
	"net/http"
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
	Secure bool // clients reach the server by https
}

// Set sets the cookies of a session.
func (k Cookies) Set(w http.ResponseWriter, secret, userID string, lasts time.Duration) {
	k.set(w, AuthCookie, secret, lasts)
	k.set(w, UserCookie, userID, lasts)
	k.set(w, CSRFCookie, jeton.CSRF(secret), lasts)
}

func (k Cookies) set(w http.ResponseWriter, name, value string, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: max(1, int(lasts/time.Second)),
		HttpOnly: name == AuthCookie, Secure: k.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// Clear makes the browser delete cookies.
func (k Cookies) Clear(w http.ResponseWriter, names ...string) {
	for _, name := range names {
		http.SetCookie(w, &http.Cookie{
			Name: name, Path: "/", MaxAge: -1,
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
