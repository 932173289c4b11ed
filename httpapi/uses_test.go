package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
)

type wireUses struct {
	TokenID    string `json:"token_id"`
	LastUsedAt int64  `json:"last_used_at"`
	Address    string `json:"address"`
	Days       []struct {
		Day  string `json:"day"`
		Uses int    `json:"uses"`
	} `json:"days"`
}

func usesOf(t *testing.T, s *apitest.Server, id string) (u wireUses) {
	t.Helper()
	s.For(t).Read(ask(t, s, "GET", "/users/tokens/"+id+"/uses", s.Admin, nil), http.StatusOK, &u)
	return u
}

func flush(t *testing.T, s *apitest.Server) {
	t.Helper()
	if err := s.Uses.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// lastUsed returns last_used_at of a token, which must be equal in all reads.
func lastUsed(t *testing.T, s *apitest.Server, id string) int64 {
	t.Helper()
	type token struct {
		ID         string `json:"id"`
		LastUsedAt int64  `json:"last_used_at"`
	}
	var one token
	s.For(t).Read(ask(t, s, "GET", "/users/tokens/"+id, s.Admin, nil), http.StatusOK, &one)
	for what, a := range map[string]apitest.Answer{
		"all": ask(t, s, "GET", "/users/tokens", s.Admin, nil), "mine": ask(t, s, "GET", "/users/me/tokens", s.Admin, nil),
		"found": ask(t, s, "POST", "/users/tokens/search", s.Admin, map[string]string{"term": id}),
	} {
		var list []token
		s.For(t).Read(a, http.StatusOK, &list)
		for _, got := range list {
			if got.ID == id && got != one {
				t.Errorf("%s: %v, not %v", what, got, one)
			}
		}
	}
	return one.LastUsedAt
}

func TestLastUse(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		tok, rest := s.MakeToken(s.AdminID, "used"), s.MakeToken(s.AdminID, "never used")
		narrow := s.MakeToken(s.AdminID, "narrow", "deploy:write")
		before := s.Clock.Now().UnixMilli()
		ask(t, s, "GET", "/users/me", tok.Secret, nil)
		ask(t, s, "GET", "/config/client", tok.Secret, nil)
		refused(t, ask(t, s, "GET", "/users/tokens", narrow.Secret, nil), 403, denied, "")
		s.Send("GET", "/users/me", http.Header{"Cookie": {"MMAUTHTOKEN=" + rest.Secret}}, nil)                                // accepted
		s.Send("POST", "/users/me/tokens", http.Header{"Cookie": {"MMAUTHTOKEN=" + rest.Secret}}, `{"description":"forged"}`) // a change by cookie without a CSRF token: refused
		if at := lastUsed(t, s, tok.ID); at != 0 {
			t.Errorf("%d before the flush", at)
		}
		flush(t, s)
		if at := lastUsed(t, s, tok.ID); at < before || at > s.Clock.Now().UnixMilli() {
			t.Errorf("last used at %d, not after %d", at, before)
		}
		for id, want := range map[string]int{tok.ID: 2, narrow.ID: 1, rest.ID: 1} {
			u := usesOf(t, s, id)
			if u.TokenID != id || u.LastUsedAt != lastUsed(t, s, id) || u.Address != "127.0.0.1" || len(u.Days) != 1 || u.Days[0].Uses != want {
				t.Errorf("uses %+v, not %d", u, want)
			}
		}
		ask(t, s, "POST", "/users/tokens/disable", s.Admin, map[string]string{"token_id": tok.ID})
		refused(t, ask(t, s, "GET", "/users/me", tok.Secret, nil), 401, expired, "")
		flush(t, s)
		if u := usesOf(t, s, tok.ID); u.Days[0].Uses != 2 {
			t.Errorf("a token that opens nothing was used: %+v", u)
		}
	})
}

func TestUsesADay(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		tok := s.MakeToken(s.AdminID, "used")
		if u := usesOf(t, s, tok.ID); u.LastUsedAt != 0 || u.Address != "" || len(u.Days) != 0 {
			t.Errorf("never used: %+v", u)
		}
		now := s.Clock.Now()
		midnight := now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		s.Clock.Advance(midnight.Sub(now) - time.Minute)
		ask(t, s, "GET", "/users/me", tok.Secret, nil)
		s.Clock.Advance(2 * time.Minute)
		ask(t, s, "GET", "/users/me", tok.Secret, nil)
		h := http.Header{"Authorization": {"Bearer " + tok.Secret}, "X-Forwarded-For": {"203.0.113.7"}}
		send(t, s, "GET", "/users/me", h, nil)
		flush(t, s)
		want := fmt.Sprintf(`"address":"203.0.113.7","days":[{"day":%q,"uses":2},{"day":%q,"uses":1}]}`,
			midnight.Format(time.DateOnly), midnight.Add(-time.Hour).Format(time.DateOnly))
		a := ask(t, s, "GET", "/users/tokens/"+tok.ID+"/uses", s.Admin, nil)
		if !strings.HasSuffix(strings.TrimSpace(string(a.Body)), want) {
			t.Errorf("%s\nwant ...%s", a.Body, want)
		}
	})
}

func TestUsesAreRefused(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	tok := s.MakeToken(s.AdminID, "used")
	ann := s.MakeUser("ann")
	refused(t, ask(t, s, "GET", "/users/tokens/"+tok.ID+"/uses", ann.Secret, nil), 403, denied, "")
	refused(t, ask(t, s, "GET", "/users/tokens/"+unknown+"/uses", s.Admin, nil), 404, "app.user_access_token.get_by_user.app_error", "")
	refused(t, ask(t, s, "GET", "/users/tokens/short/uses", s.Admin, nil), 400, "api.context.invalid_url_param.app_error", "")
}

// hanging is a store whose AddUses waits until end is closed.
type hanging struct {
	jeton.Store
	once       sync.Once
	began, end chan struct{}
}

func (s *hanging) AddUses(ctx context.Context, uses []jeton.Use) error {
	s.once.Do(func() { close(s.began) })
	<-s.end
	return s.Store.AddUses(ctx, uses)
}

// TestRequestsDoNotWaitForUses: requests do not wait for a flush that hangs.
func TestRequestsDoNotWaitForUses(t *testing.T) {
	hung := &hanging{began: make(chan struct{}), end: make(chan struct{})}
	s := apitest.Start(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { hung.Store = in; return hung }})
	tok := s.MakeToken(s.AdminID, "used")
	ask(t, s, "GET", "/users/me", tok.Secret, nil)
	flushed := make(chan error, 1)
	go func() { flushed <- s.Uses.Flush(context.Background()) }()
	<-hung.began
	for range 3 {
		if a := ask(t, s, "GET", "/users/me", tok.Secret, nil); a.Status != http.StatusOK {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	var made struct{ ID string }
	a := ask(t, s, "POST", "/users/me/tokens", tok.Secret, `{"description":"made meanwhile"}`)
	if err := json.Unmarshal(a.Body, &made); err != nil || made.ID == "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	close(hung.end)
	if err := <-flushed; err != nil {
		t.Error(err)
	}
}

// counting is a store that counts the uses written to it.
type counting struct {
	jeton.Store
	uses int
}

func (s *counting) AddUses(ctx context.Context, uses []jeton.Use) error {
	s.uses += len(uses)
	return s.Store.AddUses(ctx, uses)
}

// TestSessionsAreNotGathered: only the uses of tokens are counted.
func TestSessionsAreNotGathered(t *testing.T) {
	var store *counting
	s := apitest.Start(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { store = &counting{Store: in}; return store }})
	tok := s.MakeToken(s.AdminID, "used")
	ask(t, s, "GET", "/users/me", s.Admin, nil)
	flush(t, s)
	if store.uses != 0 {
		t.Errorf("%d uses of sessions", store.uses)
	}
	ask(t, s, "GET", "/users/me", tok.Secret, nil)
	flush(t, s)
	if store.uses != 1 {
		t.Errorf("%d uses of the token", store.uses)
	}
}
