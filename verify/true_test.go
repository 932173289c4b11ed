package verify_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"jeton"
	"jeton/apitest"
	"jeton/authn"
)

// state is the register of the linearizability check. It alone determines the answer of a
// verification that requires a permission.
type state struct{ revoked, disabled, deactivated, mayNot, roleless bool }

func (s state) answer() int {
	switch {
	case s.revoked || s.disabled || s.deactivated:
		return http.StatusUnauthorized
	case s.mayNot || s.roleless:
		return http.StatusForbidden
	}
	return http.StatusOK
}

// change is the write of an operation; nil: a verification.
type change func(*state)

var register = porcupine.Model{
	Init: func() any { return state{} },
	Step: func(st, input, output any) (bool, any) {
		s := st.(state)
		if c := input.(change); c != nil {
			c(&s)
			return true, s
		}
		return output.(int) == s.answer(), s
	},
}

// history collects operations with their times.
type history struct {
	mu      sync.Mutex
	began   time.Time
	changes []porcupine.Operation
	reads   []porcupine.Operation
}

func (h *history) do(c change, call func() int) {
	op := porcupine.Operation{Input: c, Call: int64(time.Since(h.began))}
	op.Output = call()
	op.Return = int64(time.Since(h.began))
	h.mu.Lock()
	defer h.mu.Unlock()
	if c == nil {
		h.reads = append(h.reads, op)
	} else {
		h.changes = append(h.changes, op)
	}
}

// like returns a read's key: its answer, the number of changes that had ended when it began,
// and the number that had begun when it ended. Reads with one key are equivalent in the check.
func (h *history) like(op porcupine.Operation) (key [3]int) {
	key[0] = op.Output.(int)
	for _, c := range h.changes {
		if c.Return < op.Call {
			key[1]++
		}
		if c.Call <= op.Return {
			key[2]++
		}
	}
	return key
}

// Verifications run concurrently with revokes, disables, deactivations and changes of roles.
// Each must answer by a state that the register had during the verification: one that starts
// after a change's answer must not use the old state. Two that overlap one change may see it
// in either order, so each is checked alone against the history of changes.
func TestHistories(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		// A slow look-up on a busy machine must not count as an outage.
		s := apitest.Start(t, apitest.Options{Database: database, Cache: authn.Options{Timeout: time.Minute}})
		role := makeRole(t, s, "deployer", "deploy:write")
		for round := range 3 {
			u := s.MakeUser(fmt.Sprint("user", round), "system_user", "deployer")
			h := &history{began: time.Now()}
			run(t, s, h, u.ID, role, s.MakeToken(u.ID, "x"))
			answers, seen := map[int]int{}, map[[3]int]bool{}
			for _, op := range h.reads {
				answers[op.Output.(int)]++
				like := h.like(op)
				if seen[like] {
					continue
				}
				seen[like] = true
				if !porcupine.CheckOperations(register, append(h.changes[:len(h.changes):len(h.changes)], op)) {
					t.Errorf("round %d: a verification answered %v between %s and %s, which the changes do not allow",
						round, op.Output, time.Duration(op.Call), time.Duration(op.Return))
				}
			}
			if len(answers) != 3 {
				t.Errorf("round %d: the answers were %v: the history does not cover all answers", round, answers)
			}
		}
	})
}

// run records a history: four goroutines change, four verify, and at last the token is
// revoked.
func run(t *testing.T, s *apitest.Server, h *history, userID, role string, tok apitest.Token) {
	call := func(method, path string, body any) func() int {
		return func() int {
			if status := s.Do(method, path, s.Admin, body).Status; status != http.StatusOK {
				t.Errorf("%s %s: %d", method, path, status)
			}
			return 0
		}
	}
	flips := []struct {
		set  func(*state, bool)
		call func(off bool) func() int
	}{
		{func(st *state, off bool) { st.disabled = off }, func(off bool) func() int {
			return call("POST", "/users/tokens/"+map[bool]string{true: "disable", false: "enable"}[off], map[string]string{"token_id": tok.ID})
		}},
		{func(st *state, off bool) { st.deactivated = off }, func(off bool) func() int {
			return call("PUT", "/users/"+userID+"/active", map[string]bool{"active": !off})
		}},
		{func(st *state, off bool) { st.mayNot = off }, func(off bool) func() int {
			permissions := map[bool][]string{true: {}, false: {"deploy:write"}}[off]
			return call("PUT", "/roles/"+role+"/patch", map[string]any{"permissions": permissions})
		}},
		{func(st *state, off bool) { st.roleless = off }, func(off bool) func() int {
			roles := map[bool]string{true: "system_user", false: "system_user deployer"}[off]
			return call("PUT", "/users/"+userID+"/roles", map[string]string{"roles": roles})
		}},
	}
	verify := func() int {
		return raw(t, s, "GET", "/verify?require=deploy:write", "", "Authorization: Bearer "+tok.Secret).Status
	}
	flip := func(i int, off bool) { h.do(func(st *state) { flips[i].set(st, off) }, flips[i].call(off)) }
	for i := range flips { // first one after the other, so that every answer occurs
		flip(i, true)
		h.do(nil, verify)
		flip(i, false)
		h.do(nil, verify)
	}
	stop := make(chan struct{})
	var changing, reading sync.WaitGroup
	for range 4 {
		reading.Go(func() {
			for range 20_000 {
				select {
				case <-stop:
					return
				default:
					h.do(nil, verify)
					runtime.Gosched()
				}
			}
		})
	}
	for i := range flips {
		changing.Go(func() {
			for n := range 8 {
				flip(i, n%2 == 0)
			}
		})
	}
	changing.Wait()
	h.do(nil, verify) // no other operation runs: the token must be good
	h.do(func(st *state) { st.revoked = true }, call("POST", "/users/tokens/revoke", map[string]string{"token_id": tok.ID}))
	h.do(nil, verify)
	close(stop)
	reading.Wait()
	h.do(nil, verify)
}

// A look-up that reads before a revoke and returns after the revoke's answer leaves no valid
// entry.
func TestLookUpHeldOpenAcrossARevoke(t *testing.T) {
	var store *lever
	s, _, tok := deployer(t, apitest.Options{
		Wrap:  func(in jeton.Store) jeton.Store { store = &lever{Store: in}; return store },
		Cache: authn.Options{Timeout: 10 * time.Second},
	})
	h := newHold()
	store.held.Store(h)
	first := make(chan int, 1)
	go func() { first <- check(t, s, tok.Secret) }()
	<-h.read
	tokenCall(t, s, "revoke", tok.ID)
	want(t, "after the revoke", check(t, s, tok.Secret), 401)
	close(h.letGo)
	want(t, "the one that began before", <-first, 200)
	want(t, "after both", check(t, s, tok.Secret), 401)
}

// The rendered headers of each token follow the roles, also if another token was verified
// first after the roles changed.
func TestRolesCountForEveryToken(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	role := makeRole(t, s, "deployer", "deploy:write")
	u := s.MakeUser("ann", "deployer")
	tokens := []apitest.Token{s.MakeToken(u.ID, "a"), s.MakeToken(u.ID, "b")}
	for _, permissions := range [][]string{{"deploy:write"}, {}, {"deploy:write"}} {
		s.Read(s.Do("PUT", "/roles/"+role+"/patch", s.Admin, map[string]any{"permissions": permissions}), 200, nil)
		status := map[int]int{0: 403, 1: 200}[len(permissions)]
		for _, tok := range tokens {
			want(t, "status", raw(t, s, "GET", "/verify?require=deploy:write", "", "Authorization: Bearer "+tok.Secret).Status, status)
		}
	}
}

func TestNewTokenIsGoodAtOnce(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	for range 50 {
		tok := s.MakeToken(s.AdminID, "x")
		want(t, "new", check(t, s, tok.Secret), 200)
	}
}

// If the database does not answer, verification answers 503 in time. It works again as soon
// as the database does.
func TestDatabaseBlocked(t *testing.T) {
	var store *lever
	s, u, tok := deployer(t, apitest.Options{Wrap: func(in jeton.Store) jeton.Store { store = &lever{Store: in}; return store }})
	cold := s.MakeToken(u.ID, "cold")
	want(t, "warmed up", check(t, s, tok.Secret), 200)
	h := newHold()
	store.held.Store(h)
	began := time.Now()
	a := raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+cold.Secret)
	if took := time.Since(began); a.Status != 503 || a.Header.Get("Retry-After") == "" || took < 150*time.Millisecond || took > time.Second {
		t.Errorf("%d after %s: %v", a.Status, took, a.Header)
	}
	want(t, "a cached token", check(t, s, tok.Secret), 200)
	close(h.letGo)
	want(t, "when it is back", check(t, s, cold.Secret), 200)

	store.away.Store(true)
	want(t, "outage, cached", check(t, s, tok.Secret), 200)
	guess, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	want(t, "outage, not cached", check(t, s, guess.Reveal()), 503)
	s.Clock.Advance(2 * time.Second)
	a = raw(t, s, "GET", "/verify?require=no:such", "", "Authorization: Bearer "+tok.Secret)
	if a.Status != 503 || a.Header.Get("Retry-After") == "" || a.Header.Get("Www-Authenticate") != "" {
		t.Errorf("past the lease: %d %v", a.Status, a.Header)
	}
	want(t, "revocation", form(t, s, "/oauth2/revoke", "", "token="+tok.Secret).Status, 503)
	want(t, "introspection", form(t, s, "/oauth2/introspect", tok.Secret, "token=x").Status, 503)
	store.away.Store(false)
	want(t, "back again", check(t, s, tok.Secret), 200)
	want(t, "a guess, back again", check(t, s, guess.Reveal()), 401)
}

// Neither guesses nor real tokens use more memory than the cache's size, in any number.
func TestMemoryStaysBounded(t *testing.T) {
	const size, tokens = 2 << 20, 20_000
	s, u, _ := deployer(t, apitest.Options{Cache: authn.Options{Size: size}})
	secrets := make([]string, 0, tokens)
	for range tokens / 1000 {
		_, _, err := s.Store.Change(t.Context(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
			for range 1000 {
				secret, digest, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
				secrets = append(secrets, secret.Reveal())
				t := jeton.Token{ID: jeton.NewID(time.Now(), rand.Reader), UserID: u.ID, Active: true, CreateAt: 1}
				if err := tx.AddToken(t, digest); err != nil {
					return jeton.Event{}, err
				}
			}
			return jeton.Event{Action: jeton.TokenCreate, Target: u.ID, Detail: jeton.Detail{Owner: u.ID}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	before := apitest.Heap()
	for i, secret := range secrets {
		if i%10 == 0 {
			want(t, "real", check(t, s, secret), 200)
			guess, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
			want(t, "a guess", check(t, s, guess.Reveal()), 401)
		} else if _, err := s.Cache.Verify(t.Context(), secret, false); err != nil {
			t.Fatal(err)
		}
	}
	if grown := apitest.Heap() - before; grown > size*5/4 {
		t.Errorf("the heap grew by %d KiB; the cache may take %d", grown>>10, size>>10)
	} else {
		t.Logf("the heap grew by %d KiB of %d", grown>>10, size>>10)
	}
	runtime.KeepAlive(secrets)
}
