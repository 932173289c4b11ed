package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Middleware lets through to the next handler only requests with a good token, by
// RFC 6750: 401 for none or one that is not good, 400 for what cannot be read, 503
// when nobody knows. The next handler finds out who it is by IdentityOf.
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

// Require lets through only requests whose token holds all these permissions, and
// answers 403 otherwise. It belongs behind Middleware: without it, nobody passes.
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

// challenge refuses a request, with the parameters of RFC 6750, 3 behind the realm.
func challenge(w http.ResponseWriter, status int, parameters ...string) {
	w.Header().Set("Www-Authenticate", "Bearer "+strings.Join(append([]string{`realm="jeton"`}, parameters...), ", "))
	http.Error(w, http.StatusText(status), status)
}

const longestSecret = 512 // bytes; the server's own are far shorter

// bearer returns the secret of a request: "" when it brings none of this scheme,
// and ok false when what it brings cannot be read.
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
