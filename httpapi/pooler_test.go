package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"jeton/apitest"
	"jeton/pgtest"
)

// TestThroughPooler: two nodes work through PgBouncer in transaction mode with two
// server connections. When it is killed and comes back, nothing that was answered is
// lost, and the nodes go on without a restart.
func TestThroughPooler(t *testing.T) {
	b := pgtest.StartBouncer(t, 2)
	s := apitest.Start(t, apitest.Options{Database: b.URL(t, pgtest.URL(t))})
	other := s.Another()
	verified := func(on *apitest.Server, secret string) int {
		return on.SendTo("GET", "/verify", http.Header{"Authorization": {"Bearer " + secret}}, nil).Status
	}
	ann := s.MakeUser("ann")
	var made []apitest.Token
	for i := range 20 {
		made = append(made, s.MakeToken(ann.ID, fmt.Sprint("number ", i)))
	}
	gone := made[0]
	s.Read(s.Do("POST", "/users/tokens/revoke", s.Admin, map[string]string{"token_id": gone.ID}), 200, nil)
	for round := range 2 {
		if round > 0 {
			b.Kill()
			if err := b.Start(); err != nil {
				t.Fatal(err)
			}
			answersAgain(t, s)
			answersAgain(t, other)
		}
		var list []map[string]any
		s.Read(other.Do("GET", "/users/"+ann.ID+"/tokens", s.Admin, nil), 200, &list)
		if len(list) != len(made)-1 {
			t.Errorf("round %d: %d tokens are listed, not %d", round, len(list), len(made)-1)
		}
		for _, on := range []*apitest.Server{s, other} {
			for i, tok := range made {
				want := 200
				if i == 0 {
					want = 401
				}
				if got := verified(on, tok.Secret); got != want {
					t.Errorf("round %d: token %d is %d, not %d", round, i, got, want)
				}
			}
		}
	}
}

// answersAgain waits until a node reads and writes.
func answersAgain(t *testing.T, s *apitest.Server) {
	t.Helper()
	body := map[string]string{"login_id": "admin", "password": apitest.Password}
	status := 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if status = s.Do("POST", "/users/login", "", body).Status; status == 200 {
			return
		}
		if status != 503 {
			break
		}
	}
	t.Fatalf("a node does not answer again: %d", status)
}
