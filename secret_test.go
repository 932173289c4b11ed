package jeton_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jeton"
)

func TestSecretPrintsAsMask(t *testing.T) {
	secret, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	asJSON, err := json.Marshal(map[string]any{"secret": secret, "in": struct{ S jeton.Secret }{secret}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "secret", secret, "in", struct{ S jeton.Secret }{secret})
	for _, printed := range []string{
		fmt.Sprint(secret), fmt.Sprintf("%s %v %+v %#v %q", secret, secret, secret, secret, secret),
		fmt.Sprintf("%v %+v %#v", &secret, struct{ S jeton.Secret }{secret}, []jeton.Secret{secret}), string(asJSON), log.String(),
	} {
		if strings.Contains(printed, secret.Reveal()) || strings.Contains(printed, secret.Reveal()[4:]) {
			t.Errorf("a secret was printed: %q", printed)
		}
		if !strings.Contains(printed, "[secret]") {
			t.Errorf("no mask in %q", printed)
		}
	}
}

func TestSecretRoundTrip(t *testing.T) {
	old := jeton.SecretFormat{Prefix: "acme"}
	now := jeton.SecretFormat{Prefix: "corp", Earlier: []string{"acme"}}
	bare := jeton.SecretFormat{Bare: true}
	token := func(f jeton.SecretFormat) (string, jeton.Digest) {
		s, d, _ := f.NewToken(rand.Reader)
		return s.Reveal(), d
	}
	for name, made := range map[string]jeton.SecretFormat{"default": {}, "earlier": old, "own": now, "bare": bare} {
		text, d := token(made)
		want := jeton.KindToken
		if made.Bare {
			want = jeton.KindBare
		}
		if got, kind := now.Parse(text); kind != want || got != d {
			t.Errorf("%s: a format with earlier prefixes refuses %d characters (kind %v)", name, len(text), kind)
		}
	}
	text, _ := token(old)
	if _, kind := (jeton.SecretFormat{}).Parse(text); kind != jeton.KindNone {
		t.Error("an unknown prefix is taken")
	}
	session, d := now.NewSession(rand.Reader)
	if got, kind := now.Parse(session.Reveal()); kind != jeton.KindSession || got != d {
		t.Error("a session's secret is not read back")
	}
	session, d = bare.NewSession(rand.Reader)
	if got, kind := now.Parse(session.Reveal()); kind != jeton.KindBare || got != d || !jeton.ValidID(session.Reveal()) {
		t.Error("a session's secret in the bare form is not read back")
	}
}

func TestSecretForm(t *testing.T) {
	s, _, hint := jeton.SecretFormat{}.NewToken(rand.Reader)
	text := s.Reveal()
	if !strings.HasPrefix(text, "jtn_") || len(text) != len("jtn_")+30+6 || !strings.HasSuffix(text, hint) || len(hint) != 4 {
		t.Errorf("form: %d characters, hint %q", len(text), hint)
	}
	if s, _, hint := (jeton.SecretFormat{Bare: true}).NewToken(rand.Reader); !jeton.ValidID(s.Reveal()) || hint != "" {
		t.Errorf("bare form: %d characters, hint %q", len(s.Reveal()), hint)
	}
}

// The checksum detects every change of one character.
func TestSecretMistyped(t *testing.T) {
	s, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	text := s.Reveal()
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		c := rapid.SampledFrom([]byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_ \x00\xff")).Draw(t, "c")
		if c == text[at] {
			t.Skip("the same")
		}
		if _, kind := (jeton.SecretFormat{}).Parse(text[:at] + string([]byte{c}) + text[at+1:]); kind != jeton.KindNone {
			t.Errorf("a character changed at %d is taken", at)
		}
	})
}

func FuzzParseSecret(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		format := jeton.SecretFormat{Earlier: []string{"acme"}}
		d, kind := format.Parse(s)
		if (kind == jeton.KindNone) != (d == jeton.Digest{}) {
			t.Errorf("kind %v with digest %x", kind, d)
		}
		if kind == jeton.KindNone {
			return
		}
		if len(s) > 64 {
			t.Errorf("%d characters are taken for a secret", len(s))
		}
		if again, _ := format.Parse(s); again != d {
			t.Error("two readings differ")
		}
	})
}

// A fuzz target without seeds would test nothing.
func TestSeedsOfFuzzing(t *testing.T) {
	seeds, err := os.ReadDir("testdata/fuzz/FuzzParseSecret")
	if err != nil || len(seeds) == 0 {
		t.Errorf("%d seeds, %v", len(seeds), err)
	}
}

func TestCSRF(t *testing.T) {
	s, _ := jeton.SecretFormat{}.NewSession(rand.Reader)
	other, _ := jeton.SecretFormat{}.NewSession(rand.Reader)
	if !jeton.ValidCSRF(s.Reveal(), jeton.CSRF(s.Reveal())) {
		t.Error("its own value is refused")
	}
	for _, bad := range []string{"", jeton.CSRF(other.Reveal()), jeton.CSRF(s.Reveal()) + "x"} {
		if jeton.ValidCSRF(s.Reveal(), bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestNewID(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	seen := map[string]bool{}
	last := ""
	for i := range 2000 {
		id := jeton.NewID(at.Add(time.Duration(i)*time.Millisecond), rand.Reader)
		if !jeton.ValidID(id) || strings.Trim(id, "ybndrfg8ejkmcpqxot1uwisza345h769") != "" {
			t.Fatalf("not an id as Mattermost's: %q", id)
		}
		if id <= last || seen[id] {
			t.Fatalf("%q after %q", id, last)
		}
		seen[id], last = true, id
	}
}

func TestValidID(t *testing.T) {
	for s, want := range map[string]bool{
		"aaaaaaaaaaaaaaaaaaaaaaaaaa": true, "AAAAAAAAAAAAAAAAAAAAAAAAAA": true, "ééééééééééééé": true,
		"": false, "xyz": false, "aaaaaaaaaaaaaaaaaaaaaaaaa-": false, "aaaaaaaaaaaaaaaaaaaaaaaaaaa": false,
	} {
		if jeton.ValidID(s) != want {
			t.Errorf("ValidID(%q) = %v", s, !want)
		}
	}
}
