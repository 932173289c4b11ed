package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"jeton"
	"jeton/apitest"
	"jeton/limit"
	"jeton/verify"
)

// What one request may name or look for is bounded, and the error names the bound.
func TestBoundedRequests(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		ann := s.MakeUser("ann")
		list := func(n int, first string) []string {
			out := []string{first}
			for i := range n - 1 {
				out = append(out, fmt.Sprintf("nobody%020d", i))
			}
			return out
		}
		const long, tooLong = "api.context.list_too_long.app_error", "api.context.term_too_long.app_error"
		for path, first := range map[string]string{"/users/ids": ann.ID, "/users/usernames": "ann"} {
			var got []map[string]any
			s.Read(s.Do("POST", path, ann.Secret, list(1000, first)), 200, &got)
			if len(got) != 1 || got[0]["username"] != "ann" {
				t.Errorf("%s: %v", path, got)
			}
			refused(t, ask(t, s, "POST", path, ann.Secret, list(1001, first)), 400, long, "1000")
			refused(t, ask(t, s, "POST", path, ann.Secret, strings.Repeat(" ", 100)+`["`+strings.Repeat(`","`, 90_000)+`"]`), 400, long, "1000")
		}
		refused(t, ask(t, s, "POST", "/roles/names", ann.Secret, list(1001, "system_user")), 400, long, "1000")
		refused(t, ask(t, s, "POST", "/roles/names", ann.Secret, list(101, "system_user")), 400, "api.roles.get_multiple_by_name_too_many.request_error", "100")
		var many []string
		for i := range 20_000 {
			many = append(many, fmt.Sprint("own:p", i))
		}
		refused(t, ask(t, s, "POST", "/roles", s.Admin, map[string]any{"name": "wide", "permissions": many}), 400, long, "1000")
		var role struct{ ID string }
		s.Read(s.Do("GET", "/roles/name/system_user", s.Admin, nil), 200, &role)
		refused(t, ask(t, s, "PUT", "/roles/"+role.ID+"/patch", s.Admin, map[string]any{"permissions": many}), 400, long, "1000")
		for _, path := range []string{"/users/search", "/users/tokens/search"} {
			for _, letter := range []string{"x", "é", "%", "_", `\`, "@"} {
				var got []any
				s.Read(s.Do("POST", path, s.Admin, map[string]any{"term": "y" + strings.Repeat(letter, 255)}), 200, &got)
				if len(got) != 0 {
					t.Errorf("%s %s: %v", path, letter, got)
				}
				refused(t, ask(t, s, "POST", path, s.Admin, map[string]any{"term": "y" + strings.Repeat(letter, 256)}), 400, tooLong, "256")
				refused(t, ask(t, s, "POST", path, s.Admin, map[string]any{"term": strings.Repeat(letter, 100_000)}), 400, tooLong, "256")
			}
		}
		for _, path := range []string{"/users", "/bots", "/audits", "/users/tokens", "/users/me/tokens", "/users/me/audits"} {
			for _, page := range []string{"1000000000", "9223372036854775807"} {
				if a := ask(t, s, "GET", path+"?per_page=200&page="+page, s.Admin, nil); a.Status != 200 || strings.TrimSpace(string(a.Body)) != "[]" {
					t.Errorf("page %s of %s: %d %.200s", page, path, a.Status, a.Body)
				}
			}
		}
	})
}

// busy is a store whose searches last until they are let go.
type busy struct {
	jeton.Store
	began chan string // the prefix of each search that reads the database
	end   chan struct{}
}

func (b *busy) Users(ctx context.Context, f jeton.UserFilter, offset, limit int64) ([]jeton.User, error) {
	if f.Prefix != "" {
		b.began <- f.Prefix
		<-b.end
	}
	return b.Store.Users(ctx, f, offset, limit)
}

// One client has a part of the connections, however much it asks: lists, searches and
// log-ins of others do not wait for it. Its own excess is told to come back.
func TestOneClientLeavesRoom(t *testing.T) {
	b := &busy{began: make(chan string, 1000), end: make(chan struct{})}
	s := apitest.Start(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { b.Store = in; return b }})
	ann, bob := s.MakeUser("ann"), s.MakeUser("bob")
	narrow := s.MakeToken(ann.ID, "attacks", "view_members")
	const requests = 80
	statuses := make(chan apitest.Answer, requests)
	var attack sync.WaitGroup
	for range requests {
		attack.Go(func() { statuses <- ask(t, s, "POST", "/users/search", narrow.Secret, map[string]string{"term": "zz"}) })
	}
	<-b.began
	// Those that neither run nor wait are refused at once, and by then all have come.
	var answers []apitest.Answer
	for range 10 {
		answers = append(answers, <-statuses)
	}
	for range 5 {
		s.Read(s.Do("GET", "/users/"+ann.ID+"/tokens", s.Admin, nil), 200, nil)
		s.Read(s.Do("GET", "/users", bob.Secret, nil), 200, nil)
		s.Read(s.Do("POST", "/users/usernames", bob.Secret, []string{"ann"}), 200, nil)
		s.LogIn("bob")
	}
	// The attacker's own lists run beside its searches.
	s.Read(s.Do("GET", "/users", ann.Secret, nil), 200, nil)
	close(b.end)
	attack.Wait()
	close(statuses)
	if n := len(b.began); n > requests-10 {
		t.Errorf("%d of %d searches read the database", n, requests)
	}
	got := map[int]int{}
	for a := range statuses {
		answers = append(answers, a)
	}
	for _, a := range answers {
		got[a.Status]++
		if a.Status == 429 {
			refused(t, a, 429, "api.context.too_many_reads.app_error", "")
			if a.Header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
			}
		}
	}
	if got[200] == 0 || got[429] == 0 || got[200]+got[429] != requests {
		t.Errorf("statuses %v", got)
	}
}

// Unknown secrets of a network are limited at the API and at /verify together.
func TestUnknownSecretsOfANetwork(t *testing.T) {
	s := apitest.Start(t, apitest.Options{Verify: verify.Settings{Unknown: limit.Rate{Count: 6, Per: 60e9}}})
	tok := s.MakeToken(s.AdminID, "good")
	h := http.Header{"Authorization": {"Bearer jtn_madeup"}}
	for range 3 {
		refused(t, s.Send("GET", "/users/me", h, nil), 401, expired, "")
		if a := s.SendTo("GET", "/verify", h, nil); a.Status != 401 {
			t.Errorf("/verify: %d", a.Status)
		}
	}
	a := send(t, s, "GET", "/users/me", h, nil)
	refused(t, a, 429, "api.context.too_many_unknown_tokens.app_error", "")
	if a.Header.Get("Retry-After") != "10" || a.Header.Get("RateLimit-Policy") != `"unknown";q=6;w=60` {
		t.Errorf("headers %v", a.Header)
	}
	for _, path := range []string{"/verify", "/oauth2/introspect", "/feed"} {
		method := "GET"
		if path == "/oauth2/introspect" {
			method = "POST"
		}
		if a := s.SendTo(method, path, h, nil); a.Status != 429 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := ask(t, s, "GET", "/config/client?format=old", "jtn_madeup", nil); a.Status != 429 {
		t.Errorf("a route that needs no credential: %d", a.Status)
	}
	s.Read(s.Do("GET", "/users/me", tok.Secret, nil), 200, nil)
	s.Read(s.Do("GET", "/users/me", "", nil), 401, nil)
}
