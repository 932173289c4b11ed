package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"jeton/apitest"
	"jeton/httpapi"
)

// contract returns the parsed openapi.yaml.
var contract = sync.OnceValue(func() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(httpapi.Description)
	if err != nil {
		panic(err)
	}
	return doc
})

// operation returns the described operation of a request; nil: there is none.
func operation(method, path string) (*routers.Route, map[string]string) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var best *routers.Route
	var bestParams map[string]string
	for pattern, item := range contract().Paths.Map() {
		params, ok := matchPath(pattern, path)
		op := item.GetOperation(method)
		if ok && op != nil && (best == nil || len(params) < len(bestParams)) {
			best = &routers.Route{Spec: contract(), Path: pattern, PathItem: item, Method: method, Operation: op}
			bestParams = params
		}
	}
	return best, bestParams
}

func matchPath(pattern, path string) (map[string]string, bool) {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	params := map[string]string{}
	if len(p) != len(q) {
		return nil, false
	}
	for i := range p {
		switch {
		case strings.HasPrefix(p[i], "{"):
			params[strings.Trim(p[i], "{}")] = q[i]
		case p[i] != q[i]:
			return nil, false
		}
	}
	return params, true
}

// hold validates an answer against the description. strict: it validates the request, too, if
// the answer is no error.
func hold(t *testing.T, method, path string, h http.Header, body string, a apitest.Answer, strict bool) {
	t.Helper()
	plain, query, _ := strings.Cut(path, "?")
	route, params := operation(method, plain)
	if route == nil {
		if a.Status != http.StatusNotFound && a.Status != http.StatusMovedPermanently {
			t.Errorf("%s %s: not described, and answered %d", method, path, a.Status)
		}
		return
	}
	req, _ := http.NewRequest(method, "http://x/api/v4"+path, strings.NewReader(body))
	req.URL = &url.URL{Path: plain, RawQuery: query}
	req.Header = h.Clone()
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route, QueryParams: req.URL.Query(),
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if strict && a.Status < 300 {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			t.Errorf("%s %s: the request was taken, but the description does not take it: %v", method, path, err)
		}
	}
	if a.Status == http.StatusNotModified || method == http.MethodHead || strings.HasSuffix(plain, ".yaml") {
		in.Options.ExcludeResponseBody = true
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.Status, Header: a.Header,
		Body: io.NopCloser(bytes.NewReader(a.Body)), Options: in.Options,
	}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		t.Errorf("%s %s: the answer is not as described: %v\n%s", method, path, err, a.Body)
	}
	if a.Status >= 400 && method != http.MethodHead {
		holdError(t, route.Operation, a)
	}
}

// holdError checks that the operation lists the error.
func holdError(t *testing.T, op *openapi3.Operation, a apitest.Answer) {
	t.Helper()
	var e struct{ ID string }
	_ = json.Unmarshal(a.Body, &e)
	known := append(texts(op.Extensions["x-error-ids"]), texts(contract().Extensions["x-common-error-ids"])...)
	if e.ID != "" && !slices.Contains(known, e.ID) {
		t.Errorf("%s: the error %s is not listed", op.OperationID, e.ID)
	}
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, s := range list {
		out = append(out, s.(string))
	}
	return out
}

// ask sends a request and validates the answer against the description.
func ask(t *testing.T, s *apitest.Server, method, path, secret string, body any) apitest.Answer {
	t.Helper()
	h := http.Header{}
	if secret != "" {
		h.Set("Authorization", "Bearer "+secret)
	}
	return send(t, s, method, path, h, body)
}

func send(t *testing.T, s *apitest.Server, method, path string, h http.Header, body any) apitest.Answer {
	t.Helper()
	a := s.For(t).Send(method, path, h, body)
	text, ok := body.(string)
	if !ok && body != nil {
		b, _ := json.Marshal(body)
		text = string(b)
	}
	hold(t, method, path, h, text, a, false)
	return a
}
