package web_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jeton/web"
)

// A query is read as url.ParseQuery reads it.
func checkQuery(t interface{ Errorf(string, ...any) }, query, name string) {
	all, _ := url.ParseQuery(query)
	want := all.Get(name)
	got, ok := web.QueryValue(query, name)
	if got != want || ok != all.Has(name) {
		t.Errorf("%q of %q: %q %v, want %q", name, query, got, ok, want)
	}
}

func TestQuery(t *testing.T) {
	piece := rapid.SampledFrom([]string{"page", "per_page", "=", "&", ";", "%", "%70", "+", "a", "%zz", "é", "1"})
	rapid.Check(t, func(t *rapid.T) {
		checkQuery(t, strings.Join(rapid.SliceOf(piece).Draw(t, "query"), ""), "page")
	})
}

func FuzzQuery(f *testing.F) {
	f.Add("page=1&per_page=2", "page")
	f.Fuzz(func(t *testing.T, query, name string) { checkQuery(t, query, name) })
}

func FuzzCredential(f *testing.F) {
	f.Add("Bearer abc", "MMAUTHTOKEN=abc")
	f.Fuzz(func(t *testing.T, header, cookie string) {
		r := &http.Request{Header: http.Header{"Authorization": {header}, "Cookie": {cookie}}}
		got := web.CredentialOf(r)
		if got.Secret == "" && got.Cookie {
			t.Error("an empty cookie is none")
		}
		if !got.Cookie && got.Secret != "" && !strings.Contains(header, got.Secret) {
			t.Error("a secret that nobody sent")
		}
		if got.Cookie && (!strings.Contains(cookie, got.Secret) || web.Authorization(header) != "") {
			t.Error("the header comes first")
		}
	})
}

func FuzzForwarded(f *testing.F) {
	f.Add("10.0.0.1:1", "1.2.3.4, 10.0.0.2")
	proxies, _ := web.ParseProxies([]string{"10.0.0.0/8"})
	trusted := netip.MustParsePrefix("10.0.0.0/8")
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		got := proxies.ClientAddress(peer, []string{forwarded})
		at, err := netip.ParseAddrPort(peer)
		if (err == nil) != got.IsValid() {
			t.Errorf("%q: %s", peer, got)
		}
		if err == nil && !trusted.Contains(at.Addr().Unmap()) && got != at.Addr().Unmap().WithZone("") {
			t.Errorf("%q was believed: %s", peer, got)
		}
	})
}

// Every fuzz target starts from seeds that are checked in.
func TestSeeds(t *testing.T) {
	text, err := os.ReadFile("fuzz_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`).FindAllStringSubmatch(string(text), -1) {
		if files, err := os.ReadDir("testdata/fuzz/" + m[1]); err != nil || len(files) == 0 {
			t.Errorf("%s has no seeds: %v", m[1], err)
		}
	}
}
