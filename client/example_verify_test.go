package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"jeton/apitest"
	"jeton/client"
)

// A service that requires a good token, and a permission for one of its routes.
func ExampleMiddleware() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	jeton, err := client.New(os.Getenv("JETON_URL"), client.WithToken(os.Getenv("JETON_TOKEN")))
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, client.IdentityOf(r.Context()).Username)
	})
	deploy := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "deployed")
	})

	v := client.NewVerifier(jeton, client.VerifierOptions{})
	go v.Run(ctx)
	mux.Handle("POST /deploys", client.Require("deploy:write")(deploy))
	handler := client.Middleware(v)(mux)

	for _, call := range []string{"GET /whoami", "POST /deploys"} {
		var method, path string
		_, _ = fmt.Sscan(call, &method, &path)
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Authorization", "Bearer "+os.Getenv("CALLER_TOKEN"))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Print(w.Code, " ", w.Body)
	}
}

// A service without HTTP, or with its own decision.
func ExampleVerifier() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	jeton, err := client.New(os.Getenv("JETON_URL"), client.WithToken(os.Getenv("JETON_TOKEN")))
	if err != nil {
		panic(err)
	}
	v := client.NewVerifier(jeton, client.VerifierOptions{})
	go v.Run(ctx)

	who, err := v.Verify(ctx, os.Getenv("CALLER_TOKEN"))
	switch {
	case errors.Is(err, client.ErrInvalidToken):
		fmt.Println("invalid token")
	case err != nil:
		fmt.Println("unknown; try again later")
	case who.Holds("deploy:write"):
		fmt.Println(who.Username, "may deploy")
	default:
		fmt.Println(who.Username, "may read")
	}
}

// TestExamples runs the examples with a server.
func TestExamples(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	made(s.Client.CreateRole(t.Context(), client.NewRole{Name: "deployer", DisplayName: "d", Permissions: []string{"deploy:read", "deploy:write"}}))(t)
	asks := s.MakeToken(s.MakeUser("service", "system_user", "system_token_verifier").ID, "asks")
	ann := s.MakeUser("ann", "system_user", "deployer")
	t.Setenv("JETON_URL", s.URL)
	t.Setenv("JETON_TOKEN", asks.Secret)
	for _, tt := range []struct {
		caller, middleware, verifier string
	}{
		{s.MakeToken(ann.ID, "all").Secret, "200 ann\n200 deployed\n", "ann may deploy\n"},
		{s.MakeToken(ann.ID, "narrow", "deploy:read").Secret, "200 ann\n403 Forbidden\n", "ann may read\n"},
		{"jtn_x", "401 Unauthorized\n401 Unauthorized\n", "invalid token\n"},
	} {
		t.Setenv("CALLER_TOKEN", tt.caller)
		if got := printed(t, ExampleMiddleware); got != tt.middleware {
			t.Errorf("%q, want %q", got, tt.middleware)
		}
		if got := printed(t, ExampleVerifier); got != tt.verifier {
			t.Errorf("%q, want %q", got, tt.verifier)
		}
	}
	t.Setenv("CALLER_TOKEN", "abcdefghijkmnopqrstuwxyz13")
	t.Setenv("JETON_TOKEN", "jtn_x") // the service's own token is invalid
	if got := printed(t, ExampleVerifier); got != "unknown; try again later\n" {
		t.Errorf("%q", got)
	}
}

// printed returns the output of a function.
func printed(t *testing.T, f func()) string {
	t.Helper()
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout = w
	f() // its output must fit into a pipe's buffer
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
