package verify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"jeton/apitest"
	"jeton/client"
)

// raw sends a request with exactly this target and these headers ("Name: value", which may
// repeat).
func raw(t testing.TB, s *apitest.Server, method, target, body string, headers ...string) apitest.Answer {
	t.Helper()
	req := httptest.NewRequest(method, "http://jeton.test/", strings.NewReader(body))
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	req.URL, req.RequestURI = u, target
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, req)
	res := w.Result()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return apitest.Answer{Status: res.StatusCode, Header: res.Header, Body: text}
}

// check verifies a secret and returns the status.
func check(t testing.TB, s *apitest.Server, secret string) int {
	t.Helper()
	return raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+secret).Status
}

func want(t testing.TB, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// form posts a form, with a secret unless it is empty.
func form(t testing.TB, s *apitest.Server, path, secret, body string) apitest.Answer {
	t.Helper()
	headers := []string{"Content-Type: application/x-www-form-urlencoded"}
	if secret != "" {
		headers = append(headers, "Authorization: Bearer "+secret)
	}
	return raw(t, s, "POST", path, body, headers...)
}

func decode(t testing.TB, a apitest.Answer, v any) {
	t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
}

// makeToken creates a token as the actor of the secret by.
func makeToken(t testing.TB, s *apitest.Server, by, userID string, in client.NewToken) apitest.Token {
	t.Helper()
	made, err := s.Client.With(by).CreateToken(t.Context(), userID, in)
	if err != nil {
		t.Fatal(err)
	}
	return apitest.Token{ID: made.ID, Secret: made.Secret.Reveal()}
}

// makeRole creates a custom role and returns its id.
func makeRole(t testing.TB, s *apitest.Server, name string, permissions ...string) string {
	t.Helper()
	var r struct {
		ID string `json:"id"`
	}
	s.Read(s.Do("POST", "/roles", s.Admin, map[string]any{"name": name, "display_name": name, "permissions": permissions}), 201, &r)
	return r.ID
}

func setRoles(t testing.TB, s *apitest.Server, userID, roles string) {
	t.Helper()
	s.Read(s.Do("PUT", "/users/"+userID+"/roles", s.Admin, map[string]string{"roles": roles}), http.StatusOK, nil)
}

func tokenCall(t testing.TB, s *apitest.Server, what, id string) {
	t.Helper()
	s.Read(s.Do("POST", "/users/tokens/"+what, s.Admin, map[string]string{"token_id": id}), http.StatusOK, nil)
}

func setActive(t testing.TB, s *apitest.Server, userID string, active bool) {
	t.Helper()
	s.Read(s.Do("PUT", "/users/"+userID+"/active", s.Admin, map[string]bool{"active": active}), http.StatusOK, nil)
}
