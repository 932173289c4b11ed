package httpapi_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"

	"jeton"
	"jeton/apitest"
)

// away is a store that can be made to fail.
type away struct {
	jeton.Store
	off atomic.Bool
}

var errAway = errors.New("away")

func (s *away) TokensOf(ctx context.Context, id string, offset, limit int64) (jeton.TokenPage, error) {
	if s.off.Load() {
		return jeton.TokenPage{}, errAway
	}
	return s.Store.TokensOf(ctx, id, offset, limit)
}

func (s *away) Tokens(ctx context.Context, offset, limit int64) (jeton.TokenPage, error) {
	if s.off.Load() {
		return jeton.TokenPage{}, errAway
	}
	return s.Store.Tokens(ctx, offset, limit)
}

func (s *away) TokenUses(ctx context.Context, id string) (jeton.TokenUses, error) {
	if s.off.Load() {
		return jeton.TokenUses{}, errAway
	}
	return s.Store.TokenUses(ctx, id)
}

func (s *away) User(ctx context.Context, id string) (jeton.User, error) {
	if s.off.Load() {
		return jeton.User{}, errAway
	}
	return s.Store.User(ctx, id)
}

func (s *away) Credential(ctx context.Context, d jeton.Digest, k jeton.Kind) (jeton.Credential, error) {
	if s.off.Load() {
		return jeton.Credential{}, errAway
	}
	return s.Store.Credential(ctx, d, k)
}

func (s *away) Change(ctx context.Context, p jeton.Prefetch, fn func(jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	if s.off.Load() {
		return jeton.Event{}, jeton.Head{}, errAway
	}
	return s.Store.Change(ctx, p, fn)
}

// A failing store is an outage: 503 with Retry-After, never 401 or 500.
func TestStoreAway(t *testing.T) {
	var store *away
	s := apitest.Start(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { store = &away{Store: in}; return store }})
	tok, ann := s.MakeToken(s.AdminID, "never used before the outage"), s.MakeUser("ann")
	ask(t, s, "GET", "/users/me", s.Admin, nil) // the credential is cached now
	store.off.Store(true)
	tests := []struct{ method, path, secret, body, id string }{
		{"GET", "/users/tokens", s.Admin, "", "app.user_access_token.get_all.app_error"},
		{"GET", "/users/me/tokens", s.Admin, "", "app.user_access_token.get_by_user.app_error"},
		{"GET", "/users/" + ann.ID + "/tokens", s.Admin, "", "app.user_access_token.get_by_user.app_error"},
		{"GET", "/users/tokens/" + tok.ID + "/uses", s.Admin, "", "app.user_access_token.get_by_user.app_error"},
		{"POST", "/users/me/tokens", s.Admin, `{"description":"x"}`, "app.user_access_token.save.app_error"},
		{"POST", "/users/tokens/revoke", s.Admin, `{"token_id":"` + tok.ID + `"}`, "app.user_access_token.delete.app_error"},
		{"POST", "/users/tokens/disable", s.Admin, `{"token_id":"` + tok.ID + `"}`, "app.user_access_token.update_token_disable.app_error"},
		{"POST", "/users/tokens/enable", s.Admin, `{"token_id":"` + tok.ID + `"}`, "app.user_access_token.update_token_enable.app_error"},
		{"POST", "/bots", s.Admin, `{"username":"robot"}`, "app.bot.createbot.internal_error"},
		{"POST", "/users/login", "", `{"login_id":"admin","password":"` + apitest.Password + `"}`, "app.session.save.app_error"},
		{"GET", "/users/me", tok.Secret, "", "api.context.invalid_token.error"},
		{"GET", "/config/client", tok.Secret, "", "api.context.invalid_token.error"},
	}
	for _, tt := range tests {
		var body any
		if tt.body != "" {
			body = tt.body
		}
		a := ask(t, s, tt.method, tt.path, tt.secret, body)
		refused(t, a, 503, tt.id, "")
		if n, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || n < 1 {
			t.Errorf("%s %s: Retry-After %q", tt.method, tt.path, a.Header.Get("Retry-After"))
		}
	}
	store.off.Store(false)
	if a := ask(t, s, "GET", "/users/me", tok.Secret, nil); a.Status != 200 {
		t.Errorf("after the outage: %d", a.Status)
	}
}
