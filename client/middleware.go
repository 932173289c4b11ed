package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Middleware passes only requests with a good token to the next handler, as RFC 6750
// says: 401 for no token or one that is not good, 400 for credentials that cannot be read.
// It answers 503 when the token could not be verified. The next handler calls IdentityOf.
//
//	v := client.NewVerifier(c, client.VerifierOptions{})
//	go v.Run(ctx)
//	mux.Handle("POST /deploys", client.Middleware(v)(client.Require("deploy:write")(deploy)))
func Middleware(v *Verifier) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			secret, ok := bearer(r.Header["Authorization"])
			switch {
			case !ok:
				challenge(w, http.StatusBadRequest, `error="invalid_request"`)
				return
			case secret == "":
				challenge(w, http.StatusUnauthorized)
				return
			}
			i, err := v.Verify(r.Context(), secret)
			switch {
			case errors.Is(err, ErrInvalidToken):
				challenge(w, http.StatusUnauthorized, `error="invalid_token"`)
			case err != nil:
				w.Header().Set("Retry-After", "1")
				http.Error(w, ErrUnavailable.Error(), http.StatusServiceUnavailable)
			default:
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, i)))
			}
		})
	}
}

// Require passes only requests whose token holds all these permissions, and answers 403
// otherwise. Wrap it in Middleware: without it, no request passes.
func Require(permissions ...string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			i := IdentityOf(r.Context())
			if i == nil {
				challenge(w, http.StatusUnauthorized)
				return
			}
			for _, p := range permissions {
				if !i.Holds(p) {
					challenge(w, http.StatusForbidden, `error="insufficient_scope"`, `scope="`+strings.Join(permissions, " ")+`"`)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// challenge refuses a request; the parameters of RFC 6750, 3 follow the realm.
func challenge(w http.ResponseWriter, status int, parameters ...string) {
	w.Header().Set("Www-Authenticate", "Bearer "+strings.Join(append([]string{`realm="jeton"`}, parameters...), ", "))
	http.Error(w, http.StatusText(status), status)
}

const longestSecret = 512 // bytes; the server's secrets are far shorter

// bearer returns the secret of a request: "" if the request has no credentials of this
// scheme, and ok false if they cannot be read.
func bearer(lines []string) (secret string, ok bool) {
	if len(lines) == 0 {
		return "", true
	}
	scheme, rest, _ := strings.Cut(lines[0], " ")
	if len(lines) > 1 {
		return "", false
	}
	if !strings.EqualFold(scheme, "bearer") {
		return "", true
	}
	secret = strings.Trim(rest, " ")
	if secret == "" || len(secret) > longestSecret || strings.ContainsAny(secret, " \t,") {
		return "", false
	}
	return secret, true
}
