package httpapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
	"jeton/httpapi"
)

// A page is always within its limits, and a plain number is read unchanged.
func FuzzPage(f *testing.F) {
	f.Add("1", "2", "3")
	f.Fuzz(func(t *testing.T, number, perPage, pageSize string) {
		query := map[string]string{"per_page": perPage, "pageSize": pageSize}
		p := httpapi.ParsePage(number, func(name string) string { return query[name] })
		if p.Number < 0 || p.Size < 0 || p.Size > jeton.MaxPageSize {
			t.Errorf("%q %q %q: %+v", number, perPage, pageSize, p)
		}
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && p.Number != int64(n) {
			t.Errorf("page %q: %d", number, p.Number)
		}
		_, err := strconv.Atoi(perPage)
		_, err2 := strconv.Atoi(pageSize)
		if err != nil && err2 != nil && p.Size != jeton.DefaultPageSize {
			t.Errorf("per_page %q: %d", perPage, p.Size)
		}
	})
}

// An accepted segment holds no character with a meaning in a path, a query or a log.
func FuzzPathParam(f *testing.F) {
	f.Add("user_id", "abc")
	plain := regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	f.Fuzz(func(t *testing.T, name, raw string) {
		v := httpapi.Unescaped(raw)
		if name != "email" && httpapi.InAlphabet(name, v) && !plain.MatchString(v) {
			t.Errorf("%s took %q", name, v)
		}
	})
}

// answers posts a body and checks that the answer is JSON, is described, and is no 500.
func answers(t *testing.T, s *apitest.Server, method, path, secret, body string) {
	t.Helper()
	a := ask(t, s, method, path, secret, body)
	if a.Status >= 500 && a.Status != http.StatusNotImplemented {
		t.Errorf("%s %s: %d for %q: %s", method, path, a.Status, body, a.Body)
	}
	if !json.Valid(bytes.TrimSpace(a.Body)) {
		t.Errorf("not JSON: %s", a.Body)
	}
}

func fuzzBody(f *testing.F, method, path string, authenticated bool) {
	s := apitest.Start(f, apitest.Options{})
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, body string) {
		secret := ""
		if authenticated {
			secret = s.Admin
		}
		answers(t, s, method, strings.ReplaceAll(path, "ADMIN", s.AdminID), secret, body)
	})
}

func FuzzLogInBody(f *testing.F)  { fuzzBody(f, "POST", "/users/login", false) }
func FuzzTokenBody(f *testing.F)  { fuzzBody(f, "POST", "/users/ADMIN/tokens", true) }
func FuzzMapBody(f *testing.F)    { fuzzBody(f, "POST", "/users/tokens/revoke", true) }
func FuzzSearchBody(f *testing.F) { fuzzBody(f, "POST", "/users/tokens/search", true) }
func FuzzUserBody(f *testing.F)   { fuzzBody(f, "POST", "/users", true) }
func FuzzListBody(f *testing.F)   { fuzzBody(f, "POST", "/users/ids", true) }

// The decoder of a new token keeps the meaning of the body: a list of scopes stays a list.
func FuzzTokenScopes(f *testing.F) {
	f.Add(`{"description":"x","scopes":[]}`)
	f.Fuzz(func(t *testing.T, body string) {
		var in httpapi.TokenIn
		var plain map[string]json.RawMessage
		if json.Unmarshal([]byte(body), &in) != nil || json.Unmarshal([]byte(body), &plain) != nil || len(plain) != 1 {
			return
		}
		given, ok := plain["scopes"]
		if ok && string(given) != "null" && in.Scopes == nil {
			t.Errorf("%s: not narrowed", body)
		}
		if ok && string(given) == "null" && in.Scopes != nil {
			t.Errorf("%s: narrowed", body)
		}
	})
}

// Every fuzz target has seeds in the repository.
func TestSeeds(t *testing.T) {
	text, err := os.ReadFile("fuzz_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`).FindAllStringSubmatch(string(text), -1) {
		if files, err := os.ReadDir("testdata/fuzz/" + m[1]); err != nil || len(files) == 0 {
			t.Errorf("%s has no seeds: %v", m[1], err)
		}
	}
}
