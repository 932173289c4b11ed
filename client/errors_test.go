package client_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jeton"
	"jeton/apitest"
	"jeton/client"
)

func isStatus(err error, status int) bool {
	e, ok := errors.AsType[*client.Error](err)
	return ok && e.Status == status
}

// away is a store whose changes can be made to fail.
type away struct {
	jeton.Store
	off atomic.Bool
}

func (s *away) Change(ctx context.Context, p jeton.Prefetch, fn func(jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	if s.off.Load() {
		return jeton.Event{}, jeton.Head{}, errors.New("away")
	}
	return s.Store.Change(ctx, p, fn)
}

// A refusal by the real server becomes a client.Error with the server's fields.
func TestRefusals(t *testing.T) {
	var store *away
	settings := jeton.DefaultSettings()
	settings.TokensEnabled = false
	s := apitest.Start(t, apitest.Options{Settings: &settings, Wrap: func(in jeton.Store) jeton.Store {
		store = &away{Store: in}
		return store
	}})
	ann := s.MakeUser("ann")
	x, c := t.Context(), s.Client
	missing := strings.Repeat("y", 26)
	tests := []struct {
		name   string
		call   func() error
		status int
		id     string
	}{
		{"400", func() error { return c.SetRoles(x, ann.ID, "nothing_like_it") }, 400, "app.role.check_roles_exist.role_not_found"},
		{"401", func() error { _, err := c.With(secret).User(x, client.Me); return err }, 401, "api.context.session_expired.app_error"},
		{"401 without any", func() error { _, err := c.With("").Tokens(x, client.Page{}); return err }, 401, "api.context.session_expired.app_error"},
		{"401 at log-in", func() error { _, _, err := c.LogIn(x, "ann", "wrong"); return err }, 401, "api.user.login.invalid_credentials_email_username"},
		{"403", func() error { _, err := c.With(ann.Secret).Tokens(x, client.Page{}); return err }, 403, "api.context.permissions.app_error"},
		{"404", func() error { _, err := c.User(x, missing); return err }, 404, "app.user.missing_account.const"},
		{"501", func() error { _, err := c.CreateToken(x, client.Me, client.NewToken{Description: "x"}); return err }, 501, "app.user_access_token.disabled"},
		{"503", func() error {
			store.off.Store(true)
			defer store.off.Store(false)
			_, err := c.CreateBot(x, client.NewBot{Username: "robot"})
			return err
		}, 503, "app.bot.createbot.internal_error"},
		{"429", func() (err error) {
			for range 100 {
				if _, _, err = c.LogIn(x, "bob", "wrong"); isStatus(err, 429) {
					break
				}
			}
			return err
		}, 429, "api.user.check_user_login_attempts.too_many.app_error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.call()
			e, ok := errors.AsType[*client.Error](err)
			if !ok {
				t.Fatalf("%v", err)
			}
			if e.Status != tt.status || e.ID != tt.id || e.Message == "" || len(e.RequestID) != 26 || e.Location != "" {
				t.Errorf("%#v", e)
			}
			waits := tt.status == 429 || tt.status == 503
			if e.RetryAfter > 0 != waits || e.Temporary() != waits {
				t.Errorf("after %v, temporary: %v", e.RetryAfter, e.Temporary())
			}
			if text := err.Error(); !strings.Contains(text, tt.id) || strings.Contains(text, ". (") {
				t.Errorf("reads %s", text)
			}
		})
	}
}

const refusalJSON = `{"id":"x.y.z","message":"No.","detailed_error":"","request_id":"r","status_code":403}`

// An answer that is not of this API is an error, with any status.
func TestStrangeAnswers(t *testing.T) {
	said := client.Error{ID: "x.y.z", Message: "No.", RequestID: "r"}
	tests := map[string]struct {
		status int
		body   string
		want   client.Error
	}{
		"refusal":              {403, refusalJSON, said},
		"refusal, unknown":     {599, refusalJSON, said},
		"HTML":                 {200, "<html><title>Log in</title></html>", client.Error{}},
		"HTML refusal":         {403, "<html>" + refusalJSON, client.Error{}},
		"truncated":            {200, `{"id":"x","token":"y"`, client.Error{}},
		"truncated refusal":    {400, refusalJSON[:40], client.Error{}},
		"more after it":        {200, `{"id":"x","token":"y"} {}`, client.Error{}},
		"text":                 {200, `"OK"`, client.Error{}},
		"null":                 {200, ` null` + "\n", client.Error{}},
		"nothing known":        {200, `{}`, client.Error{}},
		"another's":            {200, `{"error":"no such page"}`, client.Error{}},
		"other types":          {200, `{"id":1,"user_id":true,"status":[]}`, client.Error{}},
		"empty":                {200, "", client.Error{}},
		"no content":           {204, "", client.Error{}},
		"empty refusal":        {404, "", client.Error{}},
		"refusal, other types": {400, `{"id":5,"message":["x"]}`, client.Error{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Token", "")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			want := tt.want
			want.Status = tt.status
			for _, call := range answered(t.Context(), c) {
				err := call.call()
				got, ok := errors.AsType[*client.Error](err)
				if !ok || *got != want {
					t.Errorf("%s: %#v, %v", call.name, got, err)
				}
			}
		})
	}
}

type namedCall struct {
	name string
	call func() error
}

// answered are calls that read their answers in different ways.
func answered(x context.Context, c *client.Client) []namedCall {
	return []namedCall{
		{"record", func() error { _, err := c.Token(x, "id"); return err }},
		{"user", func() error { _, err := c.User(x, "id"); return err }},
		{"role", func() error { _, err := c.Role(x, "id"); return err }},
		{"bot", func() error { _, err := c.EnableBot(x, "id"); return err }},
		{"made", func() error { _, err := c.CreateToken(x, "id", client.NewToken{}); return err }},
		{"changed", func() error { _, err := c.RevokeToken(x, "id"); return err }},
		{"done", func() error { return c.SetActive(x, "id", false) }},
		{"deleted", func() error { return c.DeleteUser(x, "id", true) }},
		{"list", func() error { _, err := c.Tokens(x, client.Page{}); return err }},
		{"all", func() error { _, err := c.Roles(x); return err }},
		{"logged in", func() error { _, _, err := c.LogIn(x, "ann", "x"); return err }},
		{"ping", func() error { return c.Ping(x) }},
	}
}

// A new token or a log-in without a secret in the answer is an error.
func TestSecretMustCome(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":"x"}`)) })
	if got, err := c.CreateToken(t.Context(), client.Me, client.NewToken{}); !isStatus(err, 200) || got.ID != "" {
		t.Errorf("token %+v: %v", got, err)
	}
	if got, s, err := c.LogIn(t.Context(), "ann", "x"); !isStatus(err, 200) || got.ID != "" || s != "" {
		t.Errorf("user %+v: %v", got, err)
	}
}

func TestRetryAfter(t *testing.T) {
	tests := map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, "120": 2 * time.Minute, "-1": 0, "-99999999999999999999": 0, "soon": 0, "1.5": 0,
		"Fri, 31 Dec 1999 23:59:59 GMT": 0,
		"9223372036":                    9223372036 * time.Second,
		"9223372037":                    9223372036 * time.Second,
		"9223372036854775807":           9223372036 * time.Second,
		"99999999999999999999":          9223372036 * time.Second,
	}
	for header, want := range tests {
		calls := 0
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		_, err := c.CreateBot(t.Context(), client.NewBot{})
		if e, ok := errors.AsType[*client.Error](err); !ok || e.RetryAfter != want || e.RetryAfter < 0 || calls != 1 {
			t.Errorf("%q: %#v after %d calls, want %v", header, err, calls, want)
		}
		if want <= 5*time.Second {
			continue
		}
		calls = 0
		if _, err := c.Bots(t.Context(), client.BotFilter{}, client.Page{}); !isStatus(err, 503) || calls != 1 {
			t.Errorf("%q: a read is sent %d times: %v", header, calls, err)
		}
	}
}

// The client does not follow redirects: neither the credential nor the body is sent to the
// target.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	follow := &http.Client{CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > 3 {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	for _, options := range [][]client.Option{nil, {client.WithHTTPClient(follow)}} {
		for _, status := range []int{301, 302, 303, 307, 308, 300, 304} {
			for _, location := range []string{other.URL + "/x", "/api/v4/elsewhere", ""} {
				calls := 0
				c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					calls++
					if location != "" {
						w.Header().Set("Location", location)
					}
					w.WriteHeader(status)
				}, options...)
				for _, call := range answered(t.Context(), c) {
					calls = 0
					err := call.call()
					want := &client.Error{Status: status, Location: location}
					if got, _ := errors.AsType[*client.Error](err); !cmp.Equal(got, want) || calls != 1 {
						t.Errorf("%d %s: %d calls, %#v", status, call.name, calls, err)
					}
				}
			}
		}
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("%d calls went elsewhere", n)
	}
	if follow.CheckRedirect(nil, nil) != nil {
		t.Error("the caller's own http.Client was changed")
	}
}
