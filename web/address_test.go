package web_test

import (
	"testing"

	"jeton/web"
)

func TestClientAddress(t *testing.T) {
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8", "::ffff:192.168.0.0/112", "2001:db8::1", "fe80::/10"})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, peer string
		forwarded  []string
		trusting   string
		untrusting string
	}{
		{"no header", "10.1.1.1:5", nil, "10.1.1.1", "10.1.1.1"},
		{"one", "10.1.1.1:5", []string{"1.2.3.4"}, "1.2.3.4", "10.1.1.1"},
		{"an untrusted peer's word", "9.9.9.9:5", []string{"1.2.3.4"}, "9.9.9.9", "9.9.9.9"},
		{"what the client wrote", "10.1.1.1:5", []string{"6.6.6.6, 1.2.3.4"}, "1.2.3.4", "10.1.1.1"},
		{"a chain", "10.1.1.1:5", []string{"6.6.6.6, 1.2.3.4, 10.2.2.2, 192.168.0.7"}, "1.2.3.4", "10.1.1.1"},
		{"over lines", "10.1.1.1:5", []string{"6.6.6.6, 1.2.3.4", "10.2.2.2"}, "1.2.3.4", "10.1.1.1"},
		{"all trusted", "10.1.1.1:5", []string{"10.3.3.3, 10.2.2.2"}, "10.3.3.3", "10.1.1.1"},
		{"garbage", "10.1.1.1:5", []string{"1.2.3.4, nonsense"}, "10.1.1.1", "10.1.1.1"},
		{"garbage behind a proxy", "10.1.1.1:5", []string{"1.2.3.4, nonsense, 10.2.2.2"}, "10.2.2.2", "10.1.1.1"},
		{"empty", "10.1.1.1:5", []string{""}, "10.1.1.1", "10.1.1.1"},
		{"with a port", "10.1.1.1:5", []string{"1.2.3.4:99"}, "1.2.3.4", "10.1.1.1"},
		{"ipv6", "[2001:db8::1]:5", []string{"2001:db8::2"}, "2001:db8::2", "2001:db8::1"},
		{"ipv6 in brackets", "[2001:db8::1]:5", []string{"[2001:db8::2]:80, [2001:db8::1]"}, "2001:db8::2", "2001:db8::1"},
		{"mapped", "[::ffff:10.1.1.1]:5", []string{"::ffff:1.2.3.4"}, "1.2.3.4", "10.1.1.1"},
		{"zone", "[fe80::1%eth0]:5", []string{"1.2.3.4"}, "1.2.3.4", "fe80::1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := proxies.ClientAddress(tt.peer, tt.forwarded); got.String() != tt.trusting {
				t.Errorf("trusting: %s, want %s", got, tt.trusting)
			}
			if got := web.Proxies(nil).ClientAddress(tt.peer, tt.forwarded); got.String() != tt.untrusting {
				t.Errorf("untrusting: %s, want %s", got, tt.untrusting)
			}
		})
	}
	if got := proxies.ClientAddress("@", []string{"1.2.3.4"}); got.IsValid() {
		t.Errorf("a Unix socket: %s", got)
	}
	for _, bad := range []string{"", "10.0.0.0/33", "example.com"} {
		if _, err := web.ParseProxies([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
