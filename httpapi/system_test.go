package httpapi_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"jeton"
	"jeton/apitest"
)

// headless is a store that fails to read the journal's head.
type headless struct{ jeton.Store }

func (headless) Head(context.Context) (jeton.Head, error) {
	return jeton.Head{}, errors.New("the head is away")
}

// TestPing: the answer has the state of the database, and the log has the cause of a failure.
func TestPing(t *testing.T) {
	var out log
	ill := apitest.Start(t, apitest.Options{
		Wrap: func(in jeton.Store) jeton.Store { return headless{in} }, Log: slog.New(slog.NewTextHandler(&out, nil)),
	})
	well := apitest.Start(t, apitest.Options{})
	tests := []struct {
		s                   *apitest.Server
		query, status, base string
		code                int
	}{
		{well, "", "OK", "", 200},
		{ill, "", "OK", "", 200},
		{well, "?get_server_status=true", "OK", "OK", 200},
		{ill, "?get_server_status=true", "UNHEALTHY", "UNHEALTHY", 500},
		{ill, "?get_server_status=true&use_rest_semantics=true", "UNHEALTHY", "UNHEALTHY", 200},
		{ill, "?get_server_status=false&use_rest_semantics=false", "OK", "", 200},
	}
	for _, tt := range tests {
		for secret, admin := range map[string]bool{"": false, "zzz": false, tt.s.Admin: true} {
			var got map[string]any
			tt.s.For(t).Read(ask(t, tt.s, "GET", "/system/ping"+tt.query, secret, nil), tt.code, &got)
			base, files, root := got["database_status"], got["filestore_status"], got["root_status"]
			if tt.base == "" && (base != nil || files != nil || root != nil) {
				t.Errorf("%s: %v", tt.query, got)
			}
			if got["status"] != tt.status || tt.base != "" && (base != tt.base || files != "OK" || (root != nil) != admin) {
				t.Errorf("%s: %v", tt.query, got)
			}
		}
	}
	if text := out.String(); strings.Count(text, `ping" request_id=`) != 2*3 || !strings.Contains(text, `cause="the head is away"`) {
		t.Errorf("log: %s", text)
	}
}

func TestClientConfig(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for secret, full := range map[string]bool{"": false, "zzz": false, s.Admin: true} {
		for _, query := range []string{"", "?format=old", "?format=new"} {
			var got map[string]string
			s.For(t).Read(ask(t, s, "GET", "/config/client"+query, secret, nil), http.StatusOK, &got)
			enabled, ok := got["EnableUserAccessTokens"]
			if ok != full || full && (enabled != "true" || got["MaximumPersonalAccessTokenLifetimeDays"] != "0") {
				t.Errorf("%q: %v", secret, got)
			}
		}
	}
}

func TestDescriptionIsServed(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	a := ask(t, s, "GET", "/openapi.yaml", "", nil)
	if a.Status != 200 || !strings.HasPrefix(string(a.Body), "openapi: 3.1") || a.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %s", a.Status, a.Header)
	}
	if v := strings.Split(a.Header.Get("X-Version-Id"), "."); len(v) != 6 || strings.Join(v[:4], ".") != "11.10.0.test" || v[5] != "false" {
		t.Errorf("X-Version-Id %v", v)
	}
}
