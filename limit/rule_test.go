package limit_test

import (
	"testing"
	"time"

	"jeton/limit"
)

func TestParseRate(t *testing.T) {
	for text, rate := range map[string]limit.Rate{
		"": {}, "off": {}, "100/s": {100, time.Second}, "1/m": {1, time.Minute}, "1000000/h": {1_000_000, time.Hour},
		limit.DefaultUnknownSecrets: {100, time.Minute},
	} {
		if got, err := limit.ParseRate(text); err != nil || got != rate {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"0/s", "-1/s", "1", "/s", "1/", "1/d", "1/s/s", "x/s", "1000001/s", "1 /s"} {
		if got, err := limit.ParseRate(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"1.2.3.4": "1.2.3.4", "::ffff:1.2.3.4": "1.2.3.4", "2001:db8::6": "2001:db8::/64",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "", "@": "@",
	} {
		if got := limit.Network(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestWide(t *testing.T) {
	for in, want := range map[string]string{
		"1.2.3.4": "1.2.3.4", "2001:db8::/64": "2001:db8::/48", "2001:db8:1:2::/64": "2001:db8:1::/48", "": "", "@": "@", "a:b": "a:b",
	} {
		if got := limit.Wide(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
