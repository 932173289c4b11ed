package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/password"
	"jeton/pgtest"
	"jeton/web"
)

const (
	tooMany     = "api.user.check_user_login_attempts.too_many.app_error"
	badPassword = "api.user.login.invalid_credentials_email_username"
)

// guarded is a server that trusts X-Forwarded-For, so that tests choose client addresses.
type guarded struct {
	*apitest.Server
	t *testing.T
}

func startGuarded(t *testing.T) guarded {
	t.Helper()
	proxies, err := web.ParseProxies([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	return guarded{apitest.Start(t, apitest.Options{Proxies: proxies}), t}
}

// try logs in from an address and checks status and error id.
func (g guarded) try(address, name, password string, status int, id string) apitest.Answer {
	g.t.Helper()
	h := http.Header{"X-Forwarded-For": {address}}
	a := g.Send("POST", "/users/login", h, map[string]string{"login_id": name, "password": password})
	var e struct {
		ID string `json:"id"`
	}
	g.Read(a, status, &e)
	if status != http.StatusOK && e.ID != id {
		g.t.Fatalf("%s from %s: %s, want %s", name, address, e.ID, id)
	}
	return a
}

func TestGuardOfAnAccount(t *testing.T) {
	for _, name := range []string{"ann", "ann@example.com", "nobody-here"} {
		t.Run(name, func(t *testing.T) {
			g := startGuarded(t)
			g.MakeUser("ann") // MakeUser logs in from 127.0.0.1
			for i := range 10 {
				g.try(fmt.Sprint("10.0.0.", i), name, "wrong-password", 401, badPassword)
			}
			a := g.try("10.0.0.99", name, "wrong-password", 429, tooMany)
			if after, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || after < 60 || after > 900 {
				t.Errorf("Retry-After: %q", a.Header.Get("Retry-After"))
			}
			g.try("10.0.0.99", name, apitest.Password, 429, tooMany) // the same answer with the right password
			g.Clock.Advance(15*time.Minute + time.Second)
			g.try("10.0.0.99", name, "wrong-password", 401, badPassword)
		})
	}
}

// Failed log-ins from other addresses do not lock a user out: from an address of an earlier
// log-in, the right password always works. A wrong one from there gets 429.
func TestGuardOfAKnownAddress(t *testing.T) {
	g := startGuarded(t)
	g.MakeUser("ann")
	g.try("10.1.1.1", "ann", apitest.Password, 200, "")
	for range 12 {
		h := http.Header{"X-Forwarded-For": {"10.6.6.6"}}
		g.Send("POST", "/users/login", h, map[string]string{"login_id": "ann", "password": "wrong-password"})
	}
	g.try("10.1.1.1", "ann", "wrong-password", 429, tooMany)
	g.try("10.1.1.1", "ann", apitest.Password, 200, "")
	g.try("10.6.6.6", "ann", apitest.Password, 429, tooMany)
}

func TestGuardOfAnAddress(t *testing.T) {
	g := startGuarded(t)
	for i := range 50 { // one /64 counts as one client
		g.try(fmt.Sprintf("2001:db8::%x", i+1), fmt.Sprint("user", i), "wrong-password", 401, badPassword)
	}
	g.try("2001:db8::ffff", "another", "wrong-password", 429, tooMany)
	g.try("2001:db8:0:1::1", "another", "wrong-password", 401, badPassword)
}

func TestGuardCountsFailuresOnly(t *testing.T) {
	g := startGuarded(t)
	g.MakeUser("ann")
	for range 30 {
		g.try("10.1.1.2", "ann", apitest.Password, 200, "")
	}
}

// Only with the right password does the answer reveal a deactivated account or a bot.
func TestLogInOfOthersThanActivePeople(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	g.Read(g.Do("PUT", "/users/"+ann.ID+"/active", g.Admin, map[string]bool{"active": false}), 200, nil)
	g.try("10.1.1.1", "ann", "wrong-password", 401, badPassword)
	g.try("10.1.1.1", "ann", apitest.Password, 401, "api.user.login.inactive.app_error")
	robot := g.MakeBot("robot")
	g.try("10.1.1.1", "robot", apitest.Password, 401, badPassword)
	g.Read(g.Do("PUT", "/users/"+robot+"/password", g.Admin, map[string]string{"new_password": apitest.Password}), 200, nil)
	g.try("10.1.1.1", "robot", apitest.Password, 401, "api.user.login.bot_login_forbidden.app_error")
}

// costs counts the comparisons of passwords, the main cost of a log-in.
type costs struct {
	jeton.Passwords
	n int
}

func (c *costs) Compare(ctx context.Context, hash, password string) (jeton.Comparison, error) {
	c.n++
	return c.Passwords.Compare(ctx, hash, password)
}

// A log-in with an unknown name costs one comparison, as with a known name.
func TestUnknownNameCostsTheSame(t *testing.T) {
	var c *costs
	s := apitest.Start(t, apitest.Options{Passwords: func(in jeton.Passwords) jeton.Passwords { c = &costs{Passwords: in}; return c }})
	s.MakeUser("ann")
	for _, name := range []string{"ann", "nobody", "nobody@example.com", "\x00", ""} {
		c.n = 0
		s.Do("POST", "/users/login", "", map[string]string{"login_id": name, "password": "wrong-password"})
		if c.n != 1 {
			t.Errorf("%q: %d comparisons", name, c.n)
		}
	}
}

// A wrong current password counts as a failed log-in: a stolen session must not allow guessing
// the password.
func TestGuardOfTheOwnPassword(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	h := http.Header{"X-Forwarded-For": {"10.6.6.6"}, "Authorization": {"Bearer " + ann.Secret}}
	in := map[string]string{"current_password": "wrong-password", "new_password": "another-password"}
	for range 10 {
		g.Read(g.Send("PUT", "/users/me/password", h, in), 400, nil)
	}
	g.Read(g.Send("PUT", "/users/me/password", h, in), 429, nil)
}

// login is a log-in by the fields of its body, from an address.
func (g guarded) login(address string, body map[string]string, status int, id string) {
	g.t.Helper()
	var e struct {
		ID string `json:"id"`
	}
	g.Read(g.Send("POST", "/users/login", http.Header{"X-Forwarded-For": {address}}, body), status, &e)
	if status != http.StatusOK && e.ID != id {
		g.t.Fatalf("%v from %s: %s, want %s", body, address, e.ID, id)
	}
}

// A user logs in by id. An id that is given is looked up, and nothing else.
func TestLogInByID(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	body := func(id, login, password string) map[string]string {
		return map[string]string{"id": id, "login_id": login, "password": password}
	}
	g.login("10.0.0.1", body(ann.ID, "", apitest.Password), 200, "")
	g.login("10.0.0.1", body(ann.ID, "nobody", apitest.Password), 200, "")
	g.login("10.0.0.1", body(ann.ID, "", "wrong-password"), 401, badPassword)
	g.login("10.0.0.1", body("aaaaaaaaaaaaaaaaaaaaaaaaaa", "ann", apitest.Password), 401, badPassword)
	g.login("10.0.0.1", body("ann", "", apitest.Password), 401, badPassword)
	g.login("10.0.0.1", body("\x00", "ann", apitest.Password), 401, badPassword)
	g.login("10.0.0.1", body(ann.ID, "", ""), 400, "api.user.login.blank_pwd.app_error")
}

// Guesses at an account's name, address and id count together, and no answer tells that these
// belong together: after the budget is used up, the answers are those of a wrong password, for
// the right one too.
func TestGuardCountsNamesTogether(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	names := []map[string]string{{"login_id": "ann"}, {"login_id": "ann@example.com"}, {"id": ann.ID}}
	for i, name := range names {
		for n := range 4 {
			name["password"] = "wrong-password"
			g.login(fmt.Sprintf("10.%d.0.%d", i, n), name, 401, badPassword)
		}
	}
	for i, name := range names {
		name["password"] = apitest.Password
		g.login(fmt.Sprintf("10.%d.1.1", i), name, 401, badPassword)
	}
	g.login("127.0.0.1", names[0], 200, "") // where ann logged in from before
}

// From a known network the number of guesses is bounded, too: beyond it the right password is
// not compared either.
func TestGuardOfAKnownAddressIsBounded(t *testing.T) {
	g := startGuarded(t)
	g.MakeUser("ann")
	g.try("10.1.1.1", "ann", apitest.Password, 200, "")
	for range 10 {
		g.try("10.1.1.1", "ann", "wrong-password", 401, badPassword)
	}
	g.try("10.1.1.1", "ann", apitest.Password, 429, tooMany)
	g.try("10.1.1.1", "ann@example.com", apitest.Password, 401, badPassword)
	g.Clock.Advance(15*time.Minute + time.Second)
	g.try("10.1.1.1", "ann", apitest.Password, 200, "")
}

// A network is known for 90 days after the last log-in.
func TestKnownAddressAges(t *testing.T) {
	g := startGuarded(t)
	g.MakeUser("ann")
	g.try("10.1.1.1", "ann", apitest.Password, 200, "")
	burn := func() {
		for i := range 11 {
			h := http.Header{"X-Forwarded-For": {fmt.Sprint("10.6.6.", i)}}
			g.Send("POST", "/users/login", h, map[string]string{"login_id": "ann", "password": "wrong-password"})
		}
	}
	for _, days := range []int{60, 60} { // each log-in counts anew
		g.Clock.Advance(time.Duration(days) * 24 * time.Hour)
		burn()
		g.try("10.1.1.1", "ann", apitest.Password, 200, "")
	}
	g.Clock.Advance(91 * 24 * time.Hour)
	burn()
	g.try("10.1.1.1", "ann", apitest.Password, 429, tooMany)
}

// attempts returns what an administrator sees of a user's log-ins.
func (g guarded) attempts(id string) (failed, last int64) {
	g.t.Helper()
	var u struct {
		FailedAttempts int64 `json:"failed_attempts"`
		LastLogin      int64 `json:"last_login"`
	}
	g.Read(g.Do("GET", "/users/"+id, g.Admin, nil), 200, &u)
	return u.FailedAttempts, u.LastLogin
}

// Wrong passwords are counted in the user's record: those that were compared, until the next
// right one or a reset.
func TestFailedAttempts(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		proxies, err := web.ParseProxies([]string{"127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		g := guarded{apitest.Start(t, apitest.Options{Proxies: proxies, Database: database}), t}
		ann := g.MakeUser("ann")
		is := func(want int64) {
			t.Helper()
			if got, _ := g.attempts(ann.ID); got != want {
				t.Errorf("%d failed attempts, want %d", got, want)
			}
		}
		is(0)
		g.try("10.0.0.1", "ann", "wrong-password", 401, badPassword)
		g.try("10.0.0.1", "ann@example.com", "wrong-password", 401, badPassword)
		is(2)
		before := g.Clock.Now().UnixMilli()
		g.try("10.0.0.2", "ann", apitest.Password, 200, "")
		is(0)
		if _, last := g.attempts(ann.ID); last < before {
			t.Errorf("last log-in %d, want at least %d", last, before)
		}
		for i := range 15 {
			h := http.Header{"X-Forwarded-For": {fmt.Sprint("10.3.0.", i)}}
			g.Send("POST", "/users/login", h, map[string]string{"login_id": "ann", "password": "wrong-password"})
		}
		is(8) // two of the ten that the guard allows were those before the right one
		g.try("10.4.0.1", "ann", apitest.Password, 429, tooMany)
		g.Read(g.Do("POST", "/users/"+ann.ID+"/reset_failed_attempts", g.Admin, nil), 200, nil)
		is(0)
		g.try("10.4.0.1", "ann", apitest.Password, 200, "")
	})
}

// Another node hears of a reset.
func TestUnlockOnEveryNode(t *testing.T) {
	proxies, err := web.ParseProxies([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	one := guarded{apitest.Start(t, apitest.Options{Proxies: proxies, Database: pgtest.URL(t)}), t}
	two := guarded{one.Another(), t}
	ann := one.MakeUser("ann")
	for i := range 10 {
		two.try(fmt.Sprint("10.3.0.", i), "ann", "wrong-password", 401, badPassword)
	}
	two.try("10.4.0.1", "ann", apitest.Password, 429, tooMany)
	one.Read(one.Do("POST", "/users/"+ann.ID+"/reset_failed_attempts", one.Admin, nil), 200, nil)
	if err := two.Cache.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	two.try("10.4.0.1", "ann", apitest.Password, 200, "")
}

// The answer to a wrong password takes the same time whatever was compared, and if nothing was.
func TestWrongPasswordsTakeTheSameTime(t *testing.T) {
	const least = 200 * time.Millisecond
	s := apitest.Start(t, apitest.Options{Passwords: func(jeton.Passwords) jeton.Passwords {
		return password.New(password.Params{Memory: 8, Time: 1, Slots: 64, Wrong: least})
	}})
	s.MakeUser("ann")
	foreign := s.MakeUser("bob")
	s.Read(s.Do("PUT", "/users/"+foreign.ID+"/password", s.Admin, map[string]string{"already_hashed": "true", "new_password": foreignHash}), 200, nil)
	took := func(name, word string) time.Duration {
		began := time.Now()
		s.Do("POST", "/users/login", "", map[string]string{"login_id": name, "password": word})
		return time.Since(began)
	}
	for _, name := range []string{"ann", "nobody", "bob", "nobody@example.com"} {
		if d := took(name, "wrong-password"); d < least {
			t.Errorf("%s: %v", name, d)
		}
	}
	if d := took("ann", apitest.Password); d >= least {
		t.Errorf("the right password waits: %v", d)
	}
}

// Long names in failed log-ins use no more memory than usernames of the allowed length.
func TestGuardOfLongNames(t *testing.T) {
	g := startGuarded(t)
	long := strings.Repeat("x", 200_000)
	for i := range 10 {
		g.try(fmt.Sprint("10.0.0.", i), fmt.Sprint(long, i), "wrong-password", 401, badPassword)
	}
	g.try("10.0.0.99", long, "wrong-password", 429, tooMany) // all such names count as one account
}

// The journal has a line for each kind of wrong password and for a refused sign-up.
func TestFailuresAreJournaled(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	g.Do("POST", "/users/login", "", map[string]string{"login_id": "ann", "password": "wrong-password"})
	g.Do("PUT", "/users/me/password", ann.Secret, map[string]string{"current_password": "wrong-password", "new_password": "another-password"})
	g.Do("POST", "/users", "", map[string]string{"username": "eve", "email": "eve@example.com", "password": apitest.Password})
	g.MakeUser("bob") // the next change also writes the noted events
	want := map[string]bool{"session.create": true, "user.password": true, "user.create": true}
	for range 2000 {
		var lines []struct {
			Action  string `json:"action"`
			Refused bool   `json:"refused"`
		}
		g.Read(g.Do("GET", "/audits?per_page=200", g.Admin, nil), 200, &lines)
		for _, l := range lines {
			if l.Refused {
				delete(want, l.Action)
			}
		}
		if len(want) == 0 {
			return
		}
	}
	t.Errorf("no line for %v", want)
}

// A log-in that ends the user's oldest session ends it in the cache, too.
func TestOldestSessionIsPushedOut(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	g.Read(g.Do("GET", "/users/me", ann.Secret, nil), 200, nil)
	for range 100 {
		g.LogIn("ann")
	}
	g.Read(g.Do("GET", "/users/me", ann.Secret, nil), 401, nil)
}

// A user's list of roles holds each role once, also if the request repeats it. The
// permissions to change roles cannot be removed from system_admin.
func TestRolesCannotBeSpoilt(t *testing.T) {
	g := startGuarded(t)
	ann := g.MakeUser("ann")
	list := map[string]string{"roles": strings.Repeat("system_user ", 20_000)}
	g.Read(g.Do("PUT", "/users/"+ann.ID+"/roles", g.Admin, list), 200, nil)
	var u struct {
		Roles string `json:"roles"`
	}
	g.Read(g.Do("GET", "/users/"+ann.ID, g.Admin, nil), 200, &u)
	if u.Roles != "system_user" {
		t.Errorf("roles of %d bytes", len(u.Roles))
	}
	var r struct {
		ID          string   `json:"id"`
		Permissions []string `json:"permissions"`
	}
	g.Read(g.Do("GET", "/roles/name/system_admin", g.Admin, nil), 200, &r)
	less := slices.DeleteFunc(r.Permissions, func(p string) bool { return p == jeton.PermWritePermissions })
	g.Read(g.Do("PUT", "/roles/"+r.ID+"/patch", g.Admin, map[string][]string{"permissions": less}), 501, nil)
}
