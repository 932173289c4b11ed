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
			for password, want := range map[string]bool{v.password: true, v.password + "x": false, "": false} {
				got, err := h.Compare(t.Context(), v.hash, password)
				if err != nil || got.Right != want || !got.Stale {
					t.Errorf("Compare(%q) = %+v, %v; want %v, and stale", password, got, err, want)
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
	if ok, err := h.Compare(t.Context(), one, "correct horse"); !ok.Right || ok.Stale || err != nil {
		t.Errorf("Compare with the password: %+v, %v", ok, err)
	}
	if ok, err := h.Compare(t.Context(), one, "correct horsf"); ok.Right || err != nil {
		t.Errorf("Compare with another: %+v, %v", ok, err)
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
		if h.Acceptable(hash) {
			t.Errorf("Acceptable(%.80q) = true", hash)
		}
		if got, err := h.Compare(t.Context(), hash, "password"); got.Right || err != nil {
			t.Errorf("Compare(%.80q) = %+v, %v; want wrong, nil", hash, got, err)
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

// A hash made elsewhere is accepted if it costs neither much more nor much less than our own. One
// that is stored already is compared with whatever it costs, within reason, and is stale.
func TestAcceptable(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	h := password.New(password.Params{})
	of := func(kind string) string { return kind + "$" + salt + "$" + key }
	long := strings.Repeat("A", 86)
	for hash, want := range map[string]bool{
		of("$argon2id$v=19$m=19456,t=2,p=1"):           true,
		of("$argon2id$v=19$m=65536,t=2,p=1"):           true,
		of("$argon2id$v=19$m=7168,t=5,p=1"):            true,
		of("$argon2id$v=19$m=47104,t=1,p=1"):           true,
		of("$argon2id$v=19$m=65536,t=3,p=4"):           false,
		of("$argon2id$v=19$m=131072,t=1,p=1"):          false,
		of("$argon2id$v=19$m=131072,t=10,p=1"):         false,
		of("$argon2id$v=19$m=19456,t=9,p=1"):           false,
		of("$argon2id$v=19$m=19456,t=2,p=8"):           false,
		of("$argon2id$v=19$m=8,t=1,p=1"):               false,
		of("$argon2id$v=19$m=4096,t=10,p=1"):           false,
		of("$argon2id$v=19$m=8192,t=1,p=1"):            false,
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$" + key: false,

		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": true,
		"$2y$08$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": true,
		"$2a$07$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": false,
		"$2a$04$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": false,
		"$2a$12$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": false,
		"$2a$14$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy": false,

		of("$pbkdf2$f=SHA256,w=600000,l=32"):                  true,
		of("$pbkdf2$f=SHA256,w=310000,l=32"):                  true,
		of("$pbkdf2$f=SHA512,w=210000,l=32"):                  true,
		of("$pbkdf2$f=SHA256,w=1000,l=32"):                    false,
		of("$pbkdf2$f=SHA256,w=100000,l=32"):                  false,
		of("$pbkdf2$f=SHA256,w=2000000,l=32"):                 false,
		of("$pbkdf2$f=SHA512,w=600000,l=32"):                  false,
		of("$pbkdf2$f=SHA512,w=2000000,l=32"):                 false,
		"$pbkdf2$f=SHA256,w=600000,l=64$" + salt + "$" + long: false, // twice the work
	} {
		if got := h.Acceptable(hash); got != want {
			t.Errorf("Acceptable(%q) = %v", hash, got)
		}
	}
	cheap := "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"
	if got, err := h.Compare(t.Context(), cheap, "a"); !got.Right || !got.Stale || err != nil {
		t.Errorf("a stored hash that is too cheap: %+v, %v", got, err)
	}
}

// A hash of this package with another cost is stale.
func TestStale(t *testing.T) {
	mine, other := password.Cheap(), password.New(password.Params{Memory: 16, Time: 1})
	hash, err := other.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := mine.Compare(t.Context(), hash, "correct horse"); !got.Right || !got.Stale || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
