package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"jeton/apitest"
)

type wireToken struct {
	ID        string    `json:"id"`
	Token     *string   `json:"token"`
	IsActive  bool      `json:"is_active"`
	ExpiresAt int64     `json:"expires_at"`
	Scopes    *[]string `json:"scopes"`
	CreatedBy string    `json:"created_by"`
	Hint      string    `json:"hint"`
}

func TestTokenLife(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s := apitest.Start(t, apitest.Options{Database: database})
		at := s.Clock.Now().Add(time.Hour).UnixMilli()
		made := ask(t, s, "POST", "/users/me/tokens", s.Admin, map[string]any{"description": "<&>", "expires_at": at, "scopes": []string{}})
		var tok wireToken
		s.For(t).Read(made, http.StatusOK, &tok)
		if tok.Token == nil || tok.Scopes == nil || len(*tok.Scopes) != 0 || tok.ExpiresAt != at || tok.CreatedBy != s.AdminID ||
			tok.Hint == "" || !strings.HasSuffix(*tok.Token, tok.Hint) {
			t.Errorf("made: %s", made.Body)
		}
		if !strings.HasPrefix(string(made.Body), `{"id":"`+tok.ID+`","token":"`) || !strings.Contains(string(made.Body), `\u003c\u0026\u003e`) ||
			!strings.HasSuffix(string(made.Body), "}\n") {
			t.Errorf("bytes: %s", made.Body)
		}
		one := ask(t, s, "GET", "/users/tokens/"+tok.ID, s.Admin, nil)
		list := ask(t, s, "GET", "/users/tokens", s.Admin, nil)
		if strings.Contains(string(one.Body)+string(list.Body), `"token"`) || "["+strings.TrimSuffix(string(one.Body), "\n")+"]" != string(list.Body) {
			t.Errorf("one %s\nlist %s", one.Body, list.Body)
		}
		if a := ask(t, s, "GET", "/users/me", *tok.Token, nil); a.Status != 200 {
			t.Errorf("a narrowed token reads its owner: %d", a.Status)
		}
		refused(t, ask(t, s, "GET", "/users/tokens", *tok.Token, nil), 403, denied, "")
		s.Clock.Advance(time.Hour)
		refused(t, ask(t, s, "GET", "/users/me", *tok.Token, nil), 401, expired, "")
	})
}

func TestCascade(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	maker := s.MakeToken(s.AdminID, "maker")
	bot := s.MakeBot("robot")
	for _, owner := range []string{"me", bot} {
		a := ask(t, s, "POST", "/users/"+owner+"/tokens", maker.Secret, map[string]string{"description": "made"})
		s.For(t).Read(a, http.StatusOK, nil)
	}
	a := ask(t, s, "POST", "/users/tokens/revoke", s.Admin, map[string]string{"token_id": maker.ID})
	if string(a.Body) != `{"status":"OK","followed":1,"kept":1}` {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestPages(t *testing.T) {
	public, _ := url.Parse("https://tokens.example/sub/")
	for _, base := range []string{"", "https://tokens.example/sub"} {
		o := apitest.Options{}
		if base != "" {
			o.Public = public
		}
		s := apitest.Start(t, o)
		for range 5 {
			s.MakeToken(s.AdminID, "x")
		}
		link := func(path, rel string) string { return "<" + base + "/api/v4" + path + `>; rel="` + rel + `"` }
		tests := []struct{ query, rows, link string }{
			{"?per_page=2", "2", link("/users/tokens?page=0&per_page=2", "first") + ", " + link("/users/tokens?page=1&per_page=2", "next") + ", " + link("/users/tokens?page=2&per_page=2", "last")},
			{"?per_page=2&page=1", "2", link("/users/tokens?page=0&per_page=2", "first") + ", " + link("/users/tokens?page=0&per_page=2", "prev") + ", " + link("/users/tokens?page=2&per_page=2", "next") + ", " + link("/users/tokens?page=2&per_page=2", "last")},
			{"?per_page=2&page=2", "1", link("/users/tokens?page=0&per_page=2", "first") + ", " + link("/users/tokens?page=1&per_page=2", "prev") + ", " + link("/users/tokens?page=2&per_page=2", "last")},
			{"?per_page=2&page=99", "0", link("/users/tokens?page=0&per_page=2", "first") + ", " + link("/users/tokens?page=2&per_page=2", "prev") + ", " + link("/users/tokens?page=2&per_page=2", "last")},
			{"?per_page=0", "0", ""},
			{"?per_page=9223372036854775807&page=9223372036854775807&access_token=abc&x=y", "0", link("/users/tokens?page=0&per_page=200", "first") + ", " + link("/users/tokens?page=0&per_page=200", "prev") + ", " + link("/users/tokens?page=0&per_page=200", "last")},
			{"?per_page=x&pageSize=3", "3", link("/users/tokens?page=0&per_page=3", "first") + ", " + link("/users/tokens?page=1&per_page=3", "next") + ", " + link("/users/tokens?page=1&per_page=3", "last")},
			{"?per_page=-1", "5", link("/users/tokens?page=0&per_page=60", "first") + ", " + link("/users/tokens?page=0&per_page=60", "last")},
		}
		for _, tt := range tests {
			a := s.Send("GET", "/users/tokens"+tt.query, http.Header{"Authorization": {"Bearer " + s.Admin}, "X-Forwarded-Host": {"evil.example"}}, nil)
			if rows := strings.Count(string(a.Body), `"id":`); a.Status != 200 || string(rune('0'+rows)) != tt.rows {
				t.Errorf("%s: %d, %d rows", tt.query, a.Status, rows)
			}
			if a.Header.Get("X-Total-Count") != "5" || a.Header.Get("Link") != tt.link {
				t.Errorf("%s: of %s\n%s\nwant\n%s", tt.query, a.Header.Get("X-Total-Count"), a.Header.Get("Link"), tt.link)
			}
		}
		a := s.Do("GET", "/users?page=0&per_page=1&active=true&junk=1", s.Admin, nil)
		want := link("/users?page=0&per_page=1&active=true", "first") + ", " + link("/users?page=1&per_page=1&active=true", "next")
		if a.Header.Get("Link") != want {
			t.Errorf("filters: %s", a.Header.Get("Link"))
		}
	}
}
