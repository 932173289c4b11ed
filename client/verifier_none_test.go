package client_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"jeton"
	"jeton/client"
)

// A string that cannot be a secret costs no question, and a secret that is not good
// costs one a second, until something changes. Every form of secrets that a server makes
// is asked about.
func TestVerifierAsksLittleAboutBadSecrets(t *testing.T) {
	w := newLine(t, client.VerifierOptions{})
	asked := func(secret string) (n int64) {
		t.Helper()
		before := w.gate.asked.Load()
		if _, err := w.verifier.Verify(t.Context(), secret); !errors.Is(err, client.ErrInvalidToken) {
			t.Errorf("a bad secret: %v", err)
		}
		return w.gate.asked.Load() - before
	}
	made, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	good := made.Reveal()
	wrong := good[:len(good)-1] + "0"
	if wrong == good {
		wrong = good[:len(good)-1] + "1"
	}
	for _, no := range []string{"", "x", "jtn_x", wrong, good + "0", good[1:], "_" + good[4:], "aaaaaaaaaaaaaaaaaaaaaaaaa-", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "jtn_" + good} {
		if n := asked(no); n != 0 {
			t.Errorf("%q: %d questions", no, n)
		}
	}
	for name, form := range map[string]jeton.SecretFormat{"default": {}, "prefix": {Prefix: "acme2"}, "mattermost": {Bare: true}} {
		secret, _, _ := form.NewToken(rand.Reader)
		if n := asked(secret.Reveal()); n != 1 {
			t.Errorf("%s: %d questions", name, n)
		}
		// An event that is applied meanwhile lets the verifier ask once more.
		eventually(t, name+": the answer is remembered", func() bool { return asked(secret.Reveal()) == 0 })
	}
	session, _ := jeton.SecretFormat{}.NewSession(rand.Reader)
	if n := asked(session.Reveal()); n != 1 {
		t.Errorf("a session: %d questions", n)
	}

	ann := w.MakeUser("ann")
	tok := w.MakeToken(ann.ID, "sleeps")
	set := func(do string) {
		t.Helper()
		w.Read(w.Do("POST", "/users/tokens/"+do, w.Admin, map[string]string{"token_id": tok.ID}), 200, nil)
	}
	set("disable")
	eventually(t, "the disabled token is refused", func() bool {
		_, err := w.verifier.Verify(t.Context(), tok.Secret)
		return errors.Is(err, client.ErrInvalidToken)
	})
	set("enable")
	eventually(t, "the enabled token is accepted", func() bool {
		_, err := w.verifier.Verify(t.Context(), tok.Secret)
		return err == nil
	})
	asked(good)
	w.clock.by.Add(int64(time.Second))
	if n := asked(good); n != 1 {
		t.Errorf("a second later: %d questions", n)
	}
}
