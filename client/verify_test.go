package client_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/client"
)

func TestVerify(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	made(s.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}}))(t)
	ann := s.MakeUser("ann", "system_user", "deployer")
	at := s.Clock.Now().Add(time.Hour).UnixMilli()
	tok := made(s.Client.CreateToken(t.Context(), ann.ID, client.NewToken{Description: "x", ExpiresAt: at, Scopes: []string{"deploy:read"}}))(t)
	secret := tok.Secret.Reveal()

	v := made(s.Client.With(secret).Verify(t.Context(), "deploy:read"))(t)
	if v.UserID != ann.ID || v.Username != "ann" || v.TokenID != tok.ID || v.ExpiresAt != at || v.ScopesTruncated ||
		!slices.Equal(v.Roles, []string{"system_user", "deployer"}) || !slices.Equal(v.Scopes, []string{"deploy:read"}) {
		t.Errorf("%+v", v)
	}
	for _, tt := range []struct {
		name, secret string
		require      []string
		status       int
		id           string
	}{
		{"lacking", secret, []string{"deploy:read", "deploy:write"}, 403, "insufficient_scope"},
		{"unknown", "jtn_x", nil, 401, "invalid_token"},
		{"malformed", "two words", nil, 401, "invalid_request"},
		{"no name of a permission", secret, []string{"NO!"}, 400, "invalid_request"},
		{"none", "", nil, 401, ""},
	} {
		_, err := s.Client.With(tt.secret).Verify(t.Context(), tt.require...)
		e, ok := errors.AsType[*client.Error](err)
		if !ok || e.Status != tt.status || e.ID != tt.id || tt.id != "" && e.Message == "" {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// A server that answers 200 to everything has not confirmed a token.
func TestVerifyByAnotherServer(t *testing.T) {
	for _, h := range []http.Header{{}, {"X-Auth-User-Id": {"x"}, "X-Auth-Expires-At": {"soon"}}} {
		c := open(t, "http://127.0.0.1", client.WithToken(secret), client.Through(trip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: h, Body: http.NoBody}, nil
		})))
		if v, err := c.Verify(t.Context()); err == nil {
			t.Errorf("%+v", v)
		}
	}
}

// An answer without "active" does not mean that a token is invalid.
func TestIntrospectByAnotherServer(t *testing.T) {
	for _, text := range []string{`{}`, `{"active":null}`, `{"status":"OK"}`, `[]`, ``} {
		c := open(t, "http://127.0.0.1", client.WithToken(secret), client.Through(trip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
		})))
		if _, err := client.NewVerifier(c, client.VerifierOptions{}).Verify(t.Context(), bare); !errors.Is(err, client.ErrUnavailable) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
