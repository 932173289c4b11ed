package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"jeton/apitest"
	"jeton/httpapi"
)

// agents are User-Agents with what Mattermost makes of them: platform, os and browser.
var agents = [][4]string{
	{"Mozilla/5.0 (Windows NT 6.1; WOW64; rv:40.0) Gecko/20100101 Firefox/40.1", "Windows", "Windows 7", "Firefox/40.1"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.90 Safari/537.36", "Macintosh", "Mac OS", "Chrome/60.0.3112"},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Linux", "Linux", "Chrome/126.0"},
	{"Mozilla/5.0 (Linux; Android 6.0; Nexus 5 Build/MRA58N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.113 Mobile Safari/537.36", "Linux", "Android", "Chrome/60.0.3112"},
	{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36", "Linux", "Chrome OS", "Chrome/120.0"},
	{"mmctl/5.20.0 (linux)", "Linux", "Linux", "mmctl/5.20.0"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/537.36 (KHTML, like Gecko) Mattermost/3.7.1 Chrome/56.0.2924.87 Electron/1.6.11 Safari/537.36", "Macintosh", "Mac OS", "Desktop App/3.7.1"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/537.36 (KHTML, like Gecko) Franz/4.0.4 Chrome/52.0.2743.82 Electron/1.3.1 Safari/537.36", "Macintosh", "Mac OS", "Desktop App/4.0.4"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.79 Safari/537.36 Edge/14.14393", "Windows", "Windows 10", "Edge/14.14393"},
	{"Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 7.1; Trident/5.0", "Windows", "Windows", "Internet Explorer/9.0"},
	{"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Windows", "Windows 10", "Internet Explorer/11.0"},
	{"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; .NET4.0C; Zoom 3.6.0)", "Windows", "Windows 10", "Internet Explorer/7.0"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/604.1.38 (KHTML, like Gecko) Version/11.0 Safari/604.1.38", "Macintosh", "Mac OS", "Safari/11.0"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_10_4) AppleWebKit/600.7.12 (KHTML, like Gecko) Version/8.0.7 Safari/600.7.12", "Macintosh", "Mac OS", "Safari/8.0.7"},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 9_1 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 Mobile/13B137 Safari/601.1", "iPhone", "iOS", "Safari/9.0"},
	{"Mozilla/5.0 (iPad; CPU OS 9_3 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Mobile/13E188a", "iPad", "iOS", "Safari/9.3"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/62.0.3202.94 Safari/537.36 OPR/49.0.2725.47", "Windows", "Windows 10", "Opera/49.0.2725"},
	{"Mattermost Mobile/2.7.0+482 (Android; 13; sdk_gphone64_arm64)", "Linux", "Android", "Mobile App/2.7.0+482"},
	{"Mattermost Mobile/2.7.0 (iOS; iPhone; 17)", "iPhone", "iOS", "Mobile App/2.7.0"},
	{"Mattermost Mobile/", "Linux", "Android", "Mobile App/0.0"},
	{"curl/8.5.0", "Unknown", "", "Unknown/0.0"},
	{"Go-http-client/1.1", "Unknown", "", "Unknown/0.0"},
	{"python-requests/2.32.0", "Unknown", "", "Unknown/0.0"},
	{"Wget/1.21.4 (linux-gnu)", "Linux", "Linux", "Unknown/0.0"},
	{"", "Unknown", "", "Unknown/0.0"},
}

func TestDevices(t *testing.T) {
	for _, a := range agents {
		platform, os, browser := httpapi.DeviceOf(a[0])
		if got := [3]string{platform, os, browser}; got != [3]string(a[1:]) {
			t.Errorf("%q: %q, want %q", a[0], got, a[1:])
		}
	}
}

// FuzzDevices: no text of a client ends the server, and the results are bounded.
func FuzzDevices(f *testing.F) {
	for _, a := range agents {
		f.Add(a[0])
	}
	f.Fuzz(func(t *testing.T, ua string) {
		if platform, os, browser := httpapi.DeviceOf(ua); len(platform+os+browser) > 256 {
			t.Errorf("%q", platform+os+browser)
		}
	})
}

// A session has Mattermost's properties, as texts, but the secret one.
func TestSessionProps(t *testing.T) {
	s := apitest.Start(t, apitest.Options{})
	bob := s.MakeUser("bob")
	logIn := func(ua string, in map[string]string) map[string]string {
		in["login_id"], in["password"] = "bob", apitest.Password
		s.Clock.Advance(1e6)
		a := send(t, s, "POST", "/users/login", http.Header{"User-Agent": {ua}}, in)
		var all []session
		s.For(t).Read(ask(t, s, "GET", "/users/me/sessions", a.Header.Get("Token"), nil), 200, &all)
		return all[0].Props
	}
	want := map[string]string{
		"platform": "Linux", "os": "Linux", "browser": "mmctl/11.6.0", "isMobile": "false", "isSaml": "false", "isOAuthUser": "false",
		"is_guest": "false",
	}
	same := func(what string, got map[string]string) {
		t.Helper()
		if len(got) != len(want) {
			t.Errorf("%s: %v", what, got)
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s is %q, want %q", what, key, got[key], value)
			}
		}
	}
	same("mmctl", logIn("mmctl/11.6.0 (linux)", map[string]string{}))
	want["isMobile"] = "true"
	same("with a device", logIn("mmctl/11.6.0 (linux)", map[string]string{"device_id": "d"}))
	want["platform"], want["os"], want["browser"] = "Linux", "Android", "Mobile App/2.7.0"
	same("a mobile client", logIn("Mattermost Mobile/2.7.0 (Android 13)", map[string]string{}))
	logIn(strings.Repeat("(", 5000), map[string]string{})
	if n := len(sessionsOf(t, s, bob.ID)); n != 5 {
		t.Errorf("%d sessions", n)
	}
}
