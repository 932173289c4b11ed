package verify

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"jeton"
	"jeton/web"
)

// Codes that only this package uses.
const (
	codeMethod     jeton.Code = "method_not_allowed"
	codeChallenged jeton.Code = "challenged" // no credentials, or malformed ones
)

// errorJSON is the error of RFC 6749, 5.2.
type errorJSON struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// answerRow is the answer to an error code. {} in the description stands for the error's
// parameter.
type answerRow struct {
	status            int
	name, description string
}

var answers = map[jeton.Code]answerRow{
	jeton.CodeUnauthenticated: {401, "invalid_token", "The token is not good."},
	codeChallenged:            {401, "invalid_request", "The request needs one Authorization header: Bearer and a token."},
	jeton.CodeForbidden:       {403, "insufficient_scope", "The permission " + jeton.PermIntrospect + " is needed."},
	jeton.CodeInvalidBody:     {400, "invalid_request", "The form needs {} once, as application/x-www-form-urlencoded."},
	jeton.CodeNoSecret: {400, "invalid_request", "The value of token is not that of a token: its length, its characters or its checksum are wrong. " +
		"Send the secret alone, without quotes and without Bearer."},
	jeton.CodeInvalidURL:      {400, "invalid_request", "The parameter {} cannot be read."},
	jeton.CodeBodyTooLarge:    {413, "invalid_request", "The body is too large."},
	jeton.CodeURLTooLong:      {414, "invalid_request", "The URL is too long."},
	jeton.CodeRouteNotFound:   {404, "invalid_request", "There is nothing here."},
	web.CodeMethodRefused:     {405, "invalid_request", "The method is not one of those in Allow."},
	codeMethod:                {405, "invalid_request", "The method is not one of those in Allow."},
	jeton.CodeTooManyRequests: {429, "temporarily_unavailable", "Too many requests."},
	jeton.CodeTooManyUnknown:  {429, "temporarily_unavailable", "Too many unknown tokens were sent from this network."},
	jeton.CodeInternal:        {500, "server_error", "Something went wrong on the server."},
}

// unavailable is the answer to every other code: the server knows nothing and did nothing.
var unavailable = answerRow{503, "temporarily_unavailable", "The server cannot say now."}

// fail writes the answer to an error.
func fail(c *web.Call, err error) {
	code, param := jeton.CodeOf(err), ""
	r, ok := answers[code]
	if !ok {
		r = unavailable
	}
	if e, ok := errors.AsType[*jeton.Error](err); ok {
		param = e.Param
	}
	h := c.Header()
	switch code {
	case jeton.CodeUnauthenticated:
		h["Www-Authenticate"] = challenges[Invalid]
	case codeChallenged:
		h["Www-Authenticate"] = challenges[NoCredentials]
		if param == paramMalformed {
			h["Www-Authenticate"] = challenges[Malformed]
		}
	case jeton.CodeForbidden:
		h["Www-Authenticate"] = []string{insufficientScope(jeton.PermIntrospect)}
	case codeMethod:
		h["Allow"] = []string{param}
	}
	if r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable {
		h["Retry-After"] = []string{strconv.Itoa(web.RetryAfter(err))}
	}
	_ = c.WriteJSON(r.status, errorJSON{r.name, strings.ReplaceAll(r.description, "{}", param)}) // it cannot fail: both fields are strings
}

// allowing returns a handler that refuses every method except the given ones with 405.
func allowing(methods []string, h web.Handler) web.Handler {
	return func(c *web.Call) (any, error) {
		if !slices.Contains(methods, c.Request.Method) {
			return nil, &jeton.Error{Code: codeMethod, Param: strings.Join(methods, ", ")}
		}
		return h(c)
	}
}
