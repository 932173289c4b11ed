package cli_test

import (
	"testing"

	"jeton/cli"
)

func TestOverheard(t *testing.T) {
	for server, want := range map[string]bool{
		"https://tokens.example.org":      false,
		"HTTPS://tokens.example.org":      false,
		"http://127.0.0.1:8065":           false,
		"HTTP://127.0.0.1":                false,
		"http://127.9.9.9":                false,
		"http://[::1]:8065":               false,
		"http://[::ffff:127.0.0.1]":       false,
		"http://localhost":                false,
		"http://LOCALHOST:8065/sub":       false,
		"http://localhost.":               true, // a proxy of the environment would get it
		"http://127.1":                    true, // Go does not parse it as an address, so DNS would resolve it
		"http://2130706433":               true,
		"http://0.0.0.0":                  true,
		"http://[::]":                     true,
		"http://[::1%25lo]":               true,
		"http://127.0.0.1.evil.org":       true,
		"http://localhost.evil.org":       true,
		"http://evil.localhost":           true,
		"http://evil.org/localhost":       true,
		"http://localhost@evil.org":       true,
		"http://evil.org#localhost":       true,
		"HTTP://tokens.example.org":       true,
		"http://tokens.example.org:443":   true,
		"http://10.0.0.1":                 true,
		"http://":                         true,
		"http://[::1":                     true, // no URL at all
		"http:\\\\127.0.0.1":              true,
		"ftp://127.0.0.1.example.org/127": true,
	} {
		if got := cli.Overheard(server); got != want {
			t.Errorf("%s: %t, want %t", server, got, want)
		}
	}
}

// TestKeptSessions: a stored session is found for every form of its server's URL, and for no
// other server.
func TestKeptSessions(t *testing.T) {
	servers := map[string]string{
		"https://tokens.example.org": "one",
		"http://127.0.0.1:8065":      "two",
		"https://example.org/jeton/": "three",
		"http://[::1]":               "four",
	}
	for server, want := range map[string]string{
		"https://tokens.example.org":       "one",
		"https://tokens.example.org/":      "one",
		"https://tokens.example.org//":     "one",
		"HTTPS://Tokens.Example.ORG":       "one",
		"https://tokens.example.org:443":   "one",
		"https://tokens.example.org:":      "one",
		"https://tokens.example.org:443/":  "one",
		"http://127.0.0.1:8065/":           "two",
		"HTTP://127.0.0.1:8065":            "two",
		"https://EXAMPLE.org/jeton":        "three",
		"http://[::1]:80/":                 "four",
		"http://tokens.example.org":        "",
		"http://tokens.example.org:443":    "",
		"https://tokens.example.org:80":    "",
		"https://tokens.example.org:4433":  "",
		"https://tokens.example.org.":      "",
		"https://tokens.example.org/jeton": "",
		"https://x@tokens.example.org":     "",
		"https://tokens.example.org?x":     "",
		"https://tokens.example.org#x":     "",
		"https://example.org":              "",
		"https://example.org/Jeton":        "",
		"https://example.org/jeton/x":      "",
		"http://127.0.0.1":                 "",
		"http://127.0.0.1:80650":           "",
		"http://localhost:8065":            "",
		"http://[::1]:8065":                "",
		"http://[::1":                      "",
		"":                                 "",
	} {
		if got := cli.SecretFor(servers, server); got != want {
			t.Errorf("%s: %q, want %q", server, got, want)
		}
		once := cli.Canonical(server)
		if again := cli.Canonical(once); again != once {
			t.Errorf("%s becomes %s, and that %s", server, once, again)
		}
	}
}
