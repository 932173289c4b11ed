package httpapi

import (
	"strconv"
	"strings"
)

// device is what Mattermost's session pages show of a client.
type device struct {
	platform, os, browser string
	mobile                bool
}

// deviceOf reads a User-Agent as Mattermost does. What it does not know is "Unknown", or
// empty for the operating system.
func deviceOf(userAgent string) device {
	ua := strings.ToLower(userAgent)
	d := device{mobile: containsAny(userAgent, "Mobile", "Android", "iOS", "iPhone", "iPad")}
	d.platform, d.os = systemOf(ua)
	name, version := browserOf(ua)
	if app, v := appOf(userAgent); app != "" {
		name, version = app, v
		if v == "" {
			_, version = browserOf(ua)
		}
	}
	d.browser = name + "/" + version
	return d
}

// clue is one row of a table that is searched in order: the first row of which the text
// contains one of the parts gives the result.
type clue struct {
	result string
	parts  []string
}

func firstClue(ua string, rows []clue) string {
	for _, r := range rows {
		if containsAny(ua, r.parts...) {
			return r.result
		}
	}
	return ""
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

const (
	unknownName = "Unknown"
	macPlatform = "Macintosh"
	winName     = "Windows"
	winPhone    = "Windows Phone"
	linuxName   = "Linux"
)

// platforms hold, for what stands at the beginning of a client's parenthesis, or else for
// the whole text, the kind of machine.
var (
	applePlatforms = []clue{{"iPad", []string{"ipad"}}, {"iPhone", []string{"iphone"}}, {"iPod", []string{"ipod"}}}
	platforms      = []clue{
		{"BlackBerry", []string{"blackberry", "playbook", "bb10"}},
		{winPhone, []string{"windows phone "}},
		{winName, []string{"windows "}},
		{linuxName, []string{"linux", "x11", "android", "kindle/", "cros", "webos", "hpwos"}},
		{macPlatform, []string{"cfnetwork"}},
	}
	linuxSystems = []clue{
		{"Kindle", []string{"kindle"}},
		{"Android", []string{"android", "googletv"}},
		{"Chrome OS", []string{"cros"}},
		{"webOS", []string{"webos", "hpwos"}},
	}
)

// systemOf returns the platform and the operating system of a User-Agent in lower case.
func systemOf(ua string) (platform, os string) {
	specs := ua
	if _, inside, ok := strings.Cut(ua, "("); ok {
		specs = inside
	}
	if end := strings.IndexAny(specs, ";)"); end >= 0 {
		specs = specs[:end]
	}
	if strings.HasPrefix(specs, "mac") {
		return macPlatform, map[bool]string{true: "Mac OS"}[strings.Contains(ua, "os x")]
	}
	if apple := firstClue(specs, applePlatforms); apple != "" {
		return apple, "iOS"
	}
	switch platform = firstClue(ua, platforms); platform {
	case "":
		return mobileAppSystem(ua)
	case winName:
		return platform, windowsOf(ua)
	case linuxName:
		if os = firstClue(ua, linuxSystems); os == "" {
			os = linuxName
		}
		return platform, os
	case macPlatform:
		return platform, ""
	}
	return platform, platform // the names of the others are the same
}

// mobileAppSystem is the guess for Mattermost's mobile app, which may name no system.
func mobileAppSystem(ua string) (platform, os string) {
	if !strings.Contains(ua, "mattermost mobile/") {
		return unknownName, ""
	}
	if apple := firstClue(ua, applePlatforms); apple != "" {
		return apple, "iOS"
	}
	return linuxName, "Android"
}

// windowsNames are the names of versions of Windows NT. The later ones say 10.
var windowsNames = map[string]string{
	"5.0": "Windows 2000", "5.1": "Windows XP", "5.2": "Windows XP x64 Edition", "6.0": "Windows Vista",
	"6.1": "Windows 7", "6.2": "Windows 8", "6.3": "Windows 8.1", "10.0": "Windows 10",
}

func windowsOf(ua string) string {
	version := versionAfter(ua, "windows nt ")
	switch {
	case version == "" && strings.Contains(ua, "windows xp"):
		return windowsNames["5.1"]
	case version == "":
		return ""
	}
	if name, ok := windowsNames[version]; ok {
		return name
	}
	return winName
}

const (
	ie      = "Internet Explorer"
	edge    = "Edge"
	chrome  = "Chrome"
	firefox = "Firefox"
	safari  = "Safari"
	opera   = "Opera"
)

// browsers are those that take the name of another browser in front of it.
var browsers = []clue{
	{"BlackBerry", []string{"blackberry", "playbook", "bb10"}},
	{unknownName, []string{"bot", "spider", "facebookexternalhit", "silk/", "ucbrowser", "ucweb/", "spotify/"}},
	{opera, []string{"opr/", "opios/", "opera", "presto"}},
	{edge, []string{"edge/", "edg/", "edga/", "edgios/"}},
	{ie, []string{"msie ", "trident", "iemobile/"}},
	{chrome, []string{"chrome", "crios/", "chromium/", "crmo/"}},
	{firefox, []string{"fxios/", "firefox"}},
}

// versions are the words in front of a browser's version, the first one that is there.
var versions = map[string][]string{
	opera: {"version/", "opr/", "opios/", "opera/"}, edge: {"edge/", "edg/", "edga/", "edgios/"}, ie: {"msie ", "rv:", "iemobile/"},
	chrome: {"chrome/", "crios/", "chromium/", "crmo/"}, firefox: {"version/", "firefox/", "fxios/"}, safari: {"version/", "iphone os ", "cpu os "},
	"Android": {"version/"}, "BlackBerry": {"version/"},
}

// browserOf returns the name and the version of the browser of a User-Agent in lower case.
func browserOf(ua string) (name, version string) {
	name = firstClue(ua, browsers)
	switch {
	case name != "":
	case strings.Contains(ua, "android") && strings.Contains(ua, "version/"):
		name = "Android"
	case containsAny(ua, "safari", "iphone", "ipad") && strings.Contains(ua, "applewebkit"):
		name = safari
	case strings.Contains(ua, "mozilla"):
		name = firefox
	default:
		name = unknownName
	}
	for _, word := range versions[name] {
		if version = versionAfter(ua, word); version != "" {
			return name, version
		}
	}
	return name, "0.0"
}

// versionAfter returns the version that follows a word: its first two numbers, and the
// third if it is not 0. It is empty if there is none.
func versionAfter(ua, word string) string {
	_, rest, ok := strings.Cut(ua, word)
	if !ok || rest == "" || rest[0] < '0' || rest[0] > '9' {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '_' })
	if end >= 0 {
		rest = rest[:end]
	}
	var numbers [3]uint64
	for i, part := range strings.FieldsFunc(rest, func(r rune) bool { return r == '.' || r == '_' }) {
		if i == len(numbers) {
			break
		}
		numbers[i], _ = strconv.ParseUint(part, 10, 32)
	}
	version := strconv.FormatUint(numbers[0], 10) + "." + strconv.FormatUint(numbers[1], 10)
	if numbers[2] != 0 {
		version += "." + strconv.FormatUint(numbers[2], 10)
	}
	return version
}

// appOf returns the name and version of one of Mattermost's programs, or empty texts.
func appOf(userAgent string) (name, version string) {
	switch {
	case strings.Contains(userAgent, "Mattermost Mobile"):
		name = "Mobile App"
	case containsAny(userAgent, "Electron", "Mattermost"):
		name = "Desktop App"
	case strings.Contains(userAgent, "mmctl"):
		name = "mmctl"
	default:
		return "", ""
	}
	for _, word := range []string{"Mattermost Mobile/", "Mattermost/", "mmctl/", "Franz/"} {
		if _, rest, ok := strings.Cut(userAgent, word); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				version = fields[0]
			}
			break
		}
	}
	return name, version[:min(len(version), 128)]
}
