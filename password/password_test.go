package password_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"jeton/password"
)

// The vectors are not ours: the tests of the reference argon2, of jBCrypt, and
// the PBKDF2-HMAC-SHA256 counterpart of RFC 6070.
func TestCompareKnownVectors(t *testing.T) {
	h := password.Cheap()
	for name, v := range map[string]struct{ hash, password string }{
		"argon2id": {"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password"},
		"argon2id, padded": {
			"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ=$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=", "password",
		},
		"bcrypt": {"$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe", "a"},
		"pbkdf2": {"$pbkdf2$f=SHA256,w=4096,l=32$c2FsdA$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o", "password"},
		"pbkdf2, padded": {
			"$pbkdf2$f=SHA256,w=4096,l=32$c2FsdA==$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o=", "password",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if !h.Readable(v.hash) {
				t.Fatal("not readable")
			}
			for password, want := range map[string]bool{v.password: true, v.password + "x": false, "": false} {
				got, err := h.Compare(t.Context(), v.hash, password)
				if err != nil || got != want {
					t.Errorf("Compare(%q) = %v, %v; want %v", password, got, err, want)
				}
			}
		})
	}
}

func TestHashIsComparedAndSalted(t *testing.T) {
	h := password.Cheap()
	one, err := h.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if one == two {
		t.Error("two hashes of one password are the same: no salt")
	}
	if ok, err := h.Compare(t.Context(), one, "correct horse"); !ok || err != nil {
		t.Errorf("Compare with the password: %v, %v", ok, err)
	}
	if ok, err := h.Compare(t.Context(), one, "correct horsf"); ok || err != nil {
		t.Errorf("Compare with another: %v, %v", ok, err)
	}
}

func TestDefaultCost(t *testing.T) {
	got, err := password.New(password.Params{}).Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(got, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("Hash = %q, %v", got, err)
	}
}

func TestUnreadableMatchesNothing(t *testing.T) {
	h := password.Cheap()
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, hash := range []string{
		"",
		"password",
		"$",
		"$argon2id$",
		"$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4194304,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967297,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=4000000000,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=255$" + salt + "$" + key,
		"$argon2id$v=19$m=-1,t=1,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$",
		"$argon2id$v=19$m=64,t=1,p=1$$" + key,
		"$2a$31$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
		"$2a$06$m0CrhHm10qJ3lXRY",
		"$pbkdf2$f=SHA256,w=4000000000,l=32$" + salt + "$" + key,
		"$pbkdf2$f=SHA256,w=600000,l=4000000$" + salt + "$" + key,
		"$pbkdf2$f=MD5,w=600000,l=32$" + salt + "$" + key,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + strings.Repeat("A", 1<<16),
	} {
		if h.Readable(hash) {
			t.Errorf("Readable(%.80q) = true", hash)
		}
		if ok, err := h.Compare(t.Context(), hash, "password"); ok || err != nil {
			t.Errorf("Compare(%.80q) = %v, %v; want false, nil", hash, ok, err)
		}
	}
}

func TestGoneCallerCostsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := password.Cheap()
	if _, err := h.Hash(ctx, "correct horse"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: %v", err)
	}
	if _, err := h.Compare(ctx, "", "correct horse"); !errors.Is(err, context.Canceled) {
		t.Errorf("Compare: %v", err)
	}
}
