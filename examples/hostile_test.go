package examples_test

import (
	"path"
	"strings"
	"testing"
)

// hostile are targets that the proxy and the service may read differently, or that try to
// reach other paths of Jeton.
var hostile = []string{
	"//deploys", "/./deploys", "/x/../deploys", "/x/%2e%2e/deploys", "/x/%2E./deploys", "/x/..%2fdeploys", "/x%2f..%2fdeploys",
	"/%64eploys", "/%64%65%70%6c%6f%79%73", "/%2fdeploys", "/%2Fdeploys", "/x//../deploys", "/x/..//deploys", "/x/%2e%2e%2fdeploys/7",
	"/%2e%2e/deploys", "/..%2f..%2fdeploys", "/..;/deploys", "/.;/deploys", "/x;/deploys", "/deploys;x", "/deploys%3bx", "/deploys%00", "/deploys%20",
	"/deploys/", "/deploys//", "/deploys/.", "/deploys/..", "/deploys/../x", "/deploys/%2e%2e/deploys", "/DEPLOYS", "/dEploys/x", "/deploys%2f7", "/deploys%2F..%2Fx",
	"/%2564eploys", "/x/%252e%252e/deploys", "/x%5c..%5cdeploys", "/x\\..\\deploys", "/deploys?", "/deploys?/../x", "/x?/../deploys", "/x#/deploys", "/deploys#x",
	"/?require=no:such", "/deploys?require=deploy:read", "/?require=", "/?x;require=a:b", "/deploys?require=deploy:read#", "/%3frequire=no:such",
	"/verify", "/verify/-/", "/verify?require=no:such", "/verify/require/deploy:read/-/", "/-/jeton/-/", "/-/jeton/require/deploy:read/-/", "/-/jeton/../deploys", "/%2d/jeton/-/",
	"/-/../deploys", "/x/-/../../deploys", "/../verify/-/", "/api/v4/users/me", "/../api/v4/users/me", "/..%2f..%2fapi/v4/users/me", "/oauth2/introspect", "/feed",
	"/%0d%0aX-Auth-User-Id:%20forged", "/%0aHost:%20x", "/x%0d%0a%0d%0aGET%20/deploys%20HTTP/1.1", "/deploys%0a", "/%0a/../deploys", "/x?%0d%0aX-Auth-User-Id:%20forged",
	"/%", "/%zz", "/%2", "/deploys%", "/%c0%ae%c0%ae/deploys", "/\xff/../deploys", "/x y", "*", "deploys", "http://127.0.0.1/deploys", "http://other.test/deploys", "http:///deploys", "//other.test/deploys",
	"/" + strings.Repeat("a", 7<<10), "/deploys/" + strings.Repeat("a", 7<<10), "/" + strings.Repeat("x/../", 1000) + "deploys",
	"/?" + strings.Repeat("a", 40<<10), "/deploys?" + strings.Repeat("require=deploy:read&", 1500), "/" + strings.Repeat("%2e%2e/", 3000) + "deploys",
}

// For every target, the proxy asks Jeton one of the example's two questions, and what the
// service may read as /deploys required deploy:write.
func (w *world) testHostilePaths(t *testing.T) {
	questions := map[string]bool{"/verify/-/": false, "/verify/require/deploy:write/-/": true}
	for _, target := range hostile {
		for who, headers := range map[string][]string{
			"nobody": nil, "reads": {bearer(w.reads.Secret)}, "deploys": {bearer(w.deploys.Secret)},
		} {
			w.behind.take()
			w.asked.take()
			a := w.send(t, "GET", target, "", append(headers, "Connection: close")...)
			name := who + " " + short(target)
			needed, asked := false, w.asked.take()
			if len(asked) > 1 {
				t.Errorf("%s: Jeton was asked %d times", name, len(asked))
			}
			for _, j := range asked {
				asksFor, known := questions[strings.TrimSuffix(j.RequestURI, "?")]
				if needed = asksFor; !known || j.Method != "GET" {
					t.Errorf("%s: Jeton was asked for %s", name, short(j.RequestURI))
				}
			}
			got := w.behind.take()
			if len(got) > 1 || len(got) == 1 != (a.body == "reached") {
				t.Errorf("%s: status %d, and the service was asked %d times", name, a.status, len(got))
			}
			for _, b := range got {
				if who == "nobody" {
					t.Errorf("%s: let through", name)
				}
				if isDeploys(b.URL.Path) && (who != "deploys" || !needed) {
					t.Errorf("%s: let through as %s", name, short(b.URL.Path))
				}
				if auth(b)["X-Auth-User-Id"] != w.user.ID {
					t.Errorf("%s: %v", name, auth(b))
				}
			}
			if a.status >= 500 {
				t.Errorf("%s: status %d", name, a.status)
			}
		}
	}
}

// isDeploys reports whether a service could read a decoded path, with dots and slashes
// resolved, as one that requires deploy:write.
func isDeploys(p string) bool {
	p = path.Clean("/" + p)
	return p == "/deploys" || strings.HasPrefix(p, "/deploys/")
}

func short(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}
