package verify_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/client"
	"jeton/limit"
	"jeton/verify"
	"jeton/web"
)

func TestLimitOfATokenAndOfAnAddress(t *testing.T) {
	s, u, tok := deployer(t, apitest.Options{Verify: verify.Settings{
		PerToken: limit.Rate{Count: 3, Per: time.Hour}, PerAddress: limit.Rate{Count: 5, Per: time.Hour},
	}})
	good := "Authorization: Bearer " + tok.Secret
	for i := range 3 {
		a := raw(t, s, "GET", "/verify", "", good)
		want(t, "status", a.Status, 200)
		if got, expect := a.Header.Get("RateLimit"), fmt.Sprintf(`"address";r=%d;t=%d, "token";r=%d;t=%d`, 4-i, 720*(i+1), 2-i, 1200*(i+1)); got != expect {
			t.Errorf("RateLimit %s, want %s", got, expect)
		}
		if got := a.Header.Get("RateLimit-Policy"); got != `"address";q=5;w=3600, "token";q=3;w=3600` {
			t.Errorf("RateLimit-Policy %s", got)
		}
	}
	a := raw(t, s, "GET", "/verify", "", good)
	if a.Status != 429 || a.Header.Get("Retry-After") != "1200" || a.Header.Get("X-Auth-User-Id") != "" {
		t.Errorf("the fourth: %d %v", a.Status, a.Header)
	}
	other := "Authorization: Bearer " + s.MakeToken(u.ID, "other").Secret
	want(t, "another token", raw(t, s, "GET", "/verify", "", other).Status, 200)
	a = raw(t, s, "GET", "/verify", "", other)
	if a.Status != 429 || a.Header.Get("Retry-After") != "720" {
		t.Errorf("the sixth of the address: %d %v", a.Status, a.Header)
	}
	s.Clock.Advance(20 * time.Minute)
	want(t, "later", raw(t, s, "GET", "/verify", "", good).Status, 200)
}

// The limit of unknown secrets counts by the client's address behind a trusted proxy. Good,
// disabled, expired and revoked tokens are neither counted nor refused, also from a network
// over the limit.
func TestGuardAgainstGuessing(t *testing.T) {
	proxies, err := web.ParseProxies([]string{"192.0.2.0/24"}) // httptest's requests come from 192.0.2.1
	if err != nil {
		t.Fatal(err)
	}
	s, u, tok := deployer(t, apitest.Options{Proxies: proxies, Verify: verify.Settings{Unknown: limit.Rate{Count: 20, Per: time.Minute}}})
	revoked, disabled := s.MakeToken(u.ID, "revoked"), s.MakeToken(u.ID, "disabled")
	tokenCall(t, s, "revoke", revoked.ID)
	tokenCall(t, s, "disable", disabled.ID)
	expired := makeToken(t, s, s.Admin, u.ID, client.NewToken{Description: "x", ExpiresAt: s.Clock.Now().Add(time.Minute).UnixMilli()})
	s.Clock.Advance(time.Minute)
	from := func(address, secret string) int {
		t.Helper()
		return raw(t, s, "GET", "/verify", "", "Authorization: Bearer "+secret, "X-Forwarded-For: "+address).Status
	}
	guess := func(i int) string {
		switch i % 3 {
		case 0:
			return "a b" // malformed
		case 1:
			return "jtn_mistyped"
		}
		secret, _, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
		return secret.Reveal()
	}
	for i := range 100 {
		for name, secret := range map[string]string{"revoked": revoked.Secret, "disabled": disabled.Secret, "expired": expired.Secret} {
			want(t, name, from("198.51.100.1", secret), 401)
		}
		if i < 20 {
			want(t, "a guess", from("198.51.100.1", guess(i)), 401)
		}
	}
	for i := range 3 {
		want(t, "one guess too many", from("198.51.100.1", guess(i)), 429)
	}
	want(t, "a good token from there", from("198.51.100.1", tok.Secret), 200)
	want(t, "a revoked one from there", from("198.51.100.1", revoked.Secret), 401)
	want(t, "a guess from elsewhere", from("198.51.100.2", guess(2)), 401)
	want(t, "nothing from there", raw(t, s, "GET", "/verify", "", "X-Forwarded-For: 198.51.100.1").Status, 401)
	a := raw(t, s, "GET", "/verify", "", "Authorization: Bearer x", "X-Forwarded-For: 198.51.100.1")
	if a.Status != 429 || a.Header.Get("Retry-After") != "3" || a.Header.Get("RateLimit-Policy") != `"unknown";q=20;w=60` {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	for i := range 20 {
		want(t, "an IPv6 network", from(fmt.Sprintf("2001:db8::%d", i+1), guess(2)), 401)
	}
	want(t, "the same network", from("2001:db8::ffff", guess(2)), 429)
	s.Clock.Advance(3 * time.Second)
	want(t, "later", from("198.51.100.1", guess(2)), 401)
}
