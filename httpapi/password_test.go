package httpapi_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"jeton"
	"jeton/apitest"
)

// foreignHash is the bcrypt hash of foreignPassword, of cost 10, as the tests of x/crypto have it.
const (
	foreignHash     = "$2a$10$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga"
	foreignPassword = "allmine"
)

// The actor's own password always takes the present one, also where the new one is a hash, and a
// token sets no hash: a stolen token must not become a password.
func TestOwnPasswordTakesThePresentOne(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	admin := s.MakeToken(s.AdminID, "admin's").Secret
	ann := s.MakeUser("ann")
	const own, other = "/users/me/password", "/users/ANN/password"
	for _, tt := range []struct {
		name, by, path, body string
		status               int
		id                   string
	}{
		{"own, by a hash", s.Admin, own, `{"already_hashed":"true","new_password":"` + foreignHash + `"}`, 400, "api.context.invalid_body_param.app_error"},
		{"own, by a hash, wrong", s.Admin, own, `{"already_hashed":"true","current_password":"x","new_password":"` + foreignHash + `"}`, 400, "api.user.update_password.incorrect.app_error"},
		{"own, by a hash and a token", admin, own, `{"already_hashed":"true","current_password":"` + apitest.Password + `","new_password":"` + foreignHash + `"}`, 403, "api.user.update_password.hashed_by_token.app_error"},
		{"own, by a token", admin, own, `{"new_password":"a longer secret"}`, 400, "api.context.invalid_body_param.app_error"},
		{"another's, by a hash and a token", admin, other, `{"already_hashed":"true","new_password":"` + foreignHash + `"}`, 403, "api.user.update_password.hashed_by_token.app_error"},
		{"another's, by a hash", s.Admin, other, `{"already_hashed":"true","new_password":"` + foreignHash + `"}`, 200, ""},
		{"another's, too cheap", s.Admin, other, `{"already_hashed":"true","new_password":"$2a$04$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}`, 400, "api.user.update_password.hash_form.app_error"},
		{"another's, too dear", s.Admin, other, `{"already_hashed":"true","new_password":"$pbkdf2$f=SHA512,w=2000000,l=32$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"}`, 400, "api.user.update_password.hash_form.app_error"},
		{"own, by a hash, right", s.Admin, own, `{"already_hashed":"true","current_password":"` + apitest.Password + `","new_password":"` + foreignHash + `"}`, 200, ""},
	} {
		h := http.Header{"Authorization": {"Bearer " + tt.by}}
		a := s.Send("PUT", strings.Replace(tt.path, "ANN", ann.ID, 1), h, tt.body)
		var e struct {
			ID string `json:"id"`
		}
		s.Read(a, tt.status, &e)
		if e.ID != tt.id {
			t.Errorf("%s: %s, want %s", tt.name, e.ID, tt.id)
		}
	}
}

// A hash made elsewhere is replaced by the next right log-in, whose line in the journal says so.
func TestForeignHashIsMadeAnew(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("ann")
	hashOf := func() string {
		u, err := s.Store.User(t.Context(), ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		return u.PasswordHash
	}
	s.Read(s.Do("PUT", "/users/"+ann.ID+"/password", s.Admin, map[string]string{"already_hashed": "true", "new_password": foreignHash}), 200, nil)
	logIn := func(password string, status int) {
		t.Helper()
		s.Read(s.Do("POST", "/users/login", "", map[string]string{"login_id": "ann", "password": password}), status, nil)
	}
	logIn("wrong-password", 401)
	if hashOf() != foreignHash {
		t.Error("a wrong password replaced the hash")
	}
	logIn(foreignPassword, 200)
	made := hashOf()
	if !strings.HasPrefix(made, "$argon2id$") {
		t.Errorf("the hash is %s", made)
	}
	events, err := s.Service.Events(t.Context(), jeton.Local(), jeton.Page{Size: 1})
	if err != nil || events[0].Action != jeton.SessionCreate || events[0].Detail.Note != "password hash made anew" {
		t.Errorf("%+v, %v", events, err)
	}
	logIn("wrong-password", 401)
	logIn(foreignPassword, 200)
	if hashOf() != made {
		t.Error("the new hash was replaced")
	}
}

// Log-ins at the same time, of which one makes the hash anew, are all right.
func TestForeignHashAtOnce(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("ann")
	s.Read(s.Do("PUT", "/users/"+ann.ID+"/password", s.Admin, map[string]string{"already_hashed": "true", "new_password": foreignHash}), 200, nil)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			a := s.Do("POST", "/users/login", "", map[string]string{"login_id": "ann", "password": foreignPassword})
			if a.Status != 200 {
				t.Errorf("a right log-in beside others: %d %s", a.Status, a.Body)
			}
		})
	}
	all.Wait()
}

// New passwords, wherever they are set: their length counts in characters, and what is tried
// first is refused.
func TestNewPasswords(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	ann := s.MakeUser("anna.lee")
	const pwd = "model.user.is_valid.pwd_"
	for password, want := range map[string]string{
		"Passw0rd!x1": "", "correct horse": "", "пароль-из-букв": "", strings.Repeat("ü", 64): "", strings.Repeat("x", 72): "",
		"日本語の秘密の言葉": "", "        1a ": "simple",
		"short": "min_length", "1234567": "min_length", "üüüü": "min_length", strings.Repeat("x", 73): "max_length",
		"password": "common", "12345678": "common", "QwertyUiop": "common", "iloveyou": "common", "Football1": "common",
		"aaaaaaaa": "simple", "abababab": "simple", "        ": "simple",
		"anna.lee": "username", "Anna.Lee99": "username", "anna.lee@example.com": "username", "anna.leepassword1": "username",
		"anna.leeanna.lee": "username", "jeton2026": "username", "jetonjeton!": "username", "anna.lee likes tea": "",
	} {
		id := ""
		if want != "" {
			id = pwd + want + ".app_error"
		}
		status := map[bool]int{true: 200, false: 400}[want == ""]
		var e struct {
			ID      string `json:"id"`
			Message string `json:"message"`
		}
		s.Read(s.Do("PUT", "/users/"+ann.ID+"/password", s.Admin, map[string]string{"new_password": password}), status, &e)
		if e.ID != id {
			t.Errorf("%q: %s, want %s", password, e.ID, id)
		}
	}
}
