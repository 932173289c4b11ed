package client_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"jeton/client"
)

// A secret is masked in every form of output except Reveal.
func TestSecretIsMasked(t *testing.T) {
	type record struct {
		Name string
		S    client.Secret
		P    *client.Secret
		L    []client.Secret
		M    map[string]client.Secret
		T    client.Token
	}
	s := client.Secret(secret)
	nested := record{"x", s, &s, []client.Secret{s}, map[string]client.Secret{"m": s}, client.Token{ID: "id", Secret: s}}
	c := open(t, "http://127.0.0.1:1", client.WithToken(secret))
	holders := map[string]any{
		"alone": s, "pointer": &s, "nested": nested, "nested pointer": &nested, "list": []any{s, nested},
		"token": client.Token{Secret: s}, "client": c, "client inside": struct{ c *client.Client }{c}, "copy": *c,
		"error": fmt.Errorf("broken: %w", errors.New(s.String())),
	}
	for name, v := range holders {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "%e", "%6.2f", "%#q", "% x", "%10s", "%!"} {
			masked(t, name+" "+verb, fmt.Sprintf(verb, v))
		}
		text, _ := json.Marshal(v)
		masked(t, name+" in JSON", string(text))
		text, _ = json.MarshalIndent(map[string]any{"v": v}, "", " ")
		masked(t, name+" in JSON inside", string(text))
		text, _ = xml.Marshal(v)
		masked(t, name+" in XML", string(text))

		var out bytes.Buffer
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			log := slog.New(h).With("with", v)
			log.Info("m", "v", v, slog.Group("g", "v", v), "list", []any{v})
		}
		masked(t, name+" in a log", out.String())
	}
	if got := fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s); strings.Count(got, s.String()) != 7 {
		t.Errorf("no mask in %s", got)
	}
	if text, _ := json.Marshal(nested); !strings.Contains(string(text), `"S":"********"`) {
		t.Errorf("no mask in %s", text)
	}
	if s.Reveal() != secret || client.Secret("").String() != "" {
		t.Error("not revealed, or nothing is masked as something")
	}
}

// masked fails if a text holds the secret, also in hexadecimal.
func masked(t *testing.T, what, text string) {
	t.Helper()
	for _, form := range []string{"%s", "%x", "%X", "% x"} {
		if strings.Contains(text, fmt.Sprintf(form, secret)) || strings.Contains(text, fmt.Sprintf(form, secret[10:30])) {
			t.Errorf("%s shows it: %s", what, text)
		}
	}
}

// The error of a call holds neither the client's secret, nor a password that was sent, nor
// the text of a broken answer.
func TestErrorsHoldNoSecret(t *testing.T) {
	const password = "hunter2-hunter2"
	answers := map[string]http.HandlerFunc{
		"refusal":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"wrong shape": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":{"` + secret + `":1}}`)) },
		"wrong type":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`"` + secret + `"`)) },
		"no JSON":     func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(secret)) },
		"broken off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"token":"` + secret))
		},
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, h := range answers {
		c := serve(t, h)
		x := t.Context()
		_, _, login := c.LogIn(x, "ann", password)
		_, user := c.CreateUser(x, client.NewUser{Password: password})
		_, token := c.CreateToken(x, client.Me, client.NewToken{})
		_, read := c.Token(x, "id")
		for i, err := range []error{login, user, token, read, c.SetPassword(x, client.Me, password, password)} {
			if err == nil {
				t.Errorf("%s: call %d goes through", name, i)
				continue
			}
			text := fmt.Sprintf("%v %+v %#v", err, err, err)
			masked(t, name, text)
			if strings.Contains(text, password) {
				t.Errorf("%s: call %d shows the password: %s", name, i, text)
			}
		}
	}
	_, err := open(t, "http://127.0.0.1:1", client.WithToken(secret+"\n"), client.Hurried).Token(t.Context(), "id")
	if err == nil {
		t.Error("a secret with a line break is sent")
	}
	masked(t, "a secret with a line break", fmt.Sprintf("%v %+v %#v", err, err, err))
}
