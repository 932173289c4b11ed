package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"jeton/client"
	"jeton/httpapi"
)

// Answer is a response of the server.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// User is a user that a helper made and logged in.
type User struct {
	ID     string
	Secret string // of the session
}

// Token is a token that a helper made.
type Token struct{ ID, Secret string }

// Do sends a request. The path is below /api/v4. The secret goes into Authorization,
// unless it is empty. A body that is a string is sent unchanged, nil is no body, and any
// other value is sent as JSON.
func (s *Server) Do(method, path, secret string, body any) Answer {
	s.tb.Helper()
	h := http.Header{}
	if secret != "" {
		h.Set("Authorization", "Bearer "+secret)
	}
	return s.Send(method, path, h, body)
}

// Send is Do with headers instead of a secret.
func (s *Server) Send(method, path string, h http.Header, body any) Answer {
	s.tb.Helper()
	return s.SendTo(method, httpapi.Prefix+path, h, body)
}

// SendTo is Send with a full path.
func (s *Server) SendTo(method, path string, h http.Header, body any) Answer {
	s.tb.Helper()
	req, err := http.NewRequest(method, s.URL+path, reader(body))
	must(s.tb, err)
	req.Header = h
	resp, err := noRedirects.Do(req)
	must(s.tb, err)
	defer resp.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(resp.Body)
	must(s.tb, err)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: text}
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func reader(body any) io.Reader {
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return strings.NewReader(b)
	}
	text, _ := json.Marshal(body)
	return bytes.NewReader(text)
}

// Read checks the status and decodes the JSON of the answer into v, unless v is nil.
func (s *Server) Read(a Answer, status int, v any) {
	s.tb.Helper()
	if a.Status != status {
		s.tb.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	if v != nil {
		must(s.tb, json.Unmarshal(a.Body, v))
	}
}

// LogIn returns the secret of a new session.
func (s *Server) LogIn(name string) string {
	s.tb.Helper()
	_, secret, err := s.Client.With("").LogIn(s.tb.Context(), name, Password)
	must(s.tb, err)
	return secret.Reveal()
}

// MakeUser makes a user with an e-mail address under example.com and these
// roles (none: those of a new user), and logs the user in.
func (s *Server) MakeUser(name string, roles ...string) User {
	s.tb.Helper()
	u, err := s.Client.CreateUser(s.tb.Context(), client.NewUser{Username: name, Email: name + "@example.com", Password: Password})
	must(s.tb, err)
	if len(roles) > 0 {
		must(s.tb, s.Client.SetRoles(s.tb.Context(), u.ID, roles...))
	}
	return User{ID: u.ID, Secret: s.LogIn(name)}
}

// MakeBot makes a bot that the administrator owns, and returns its id.
func (s *Server) MakeBot(name string) string {
	s.tb.Helper()
	b, err := s.Client.CreateBot(s.tb.Context(), client.NewBot{Username: name})
	must(s.tb, err)
	return b.UserID
}

// MakeToken makes a token of a user as the administrator, narrowed to the scopes if there
// are any.
func (s *Server) MakeToken(userID, description string, scopes ...string) Token {
	s.tb.Helper()
	t, err := s.Client.CreateToken(s.tb.Context(), userID, client.NewToken{Description: description, Scopes: scopes})
	must(s.tb, err)
	return Token{ID: t.ID, Secret: t.Secret.Reveal()}
}
