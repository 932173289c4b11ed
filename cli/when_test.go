package cli_test

import (
	"strings"
	"testing"
	"time"

	"jeton/cli"
)

var aNow = time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)

func TestParseWhen(t *testing.T) {
	for text, want := range map[string]string{
		"never":                     "",
		"90d":                       "2026-05-29T12:00:00Z",
		" 1 d ":                     "2026-03-01T12:00:00Z",
		"2w":                        "2026-03-14T12:00:00Z",
		"1y":                        "2027-02-28T12:00:00Z",
		"300y":                      "2325-12-18T12:00:00Z", // longer than a time.Duration
		"585y":                      "2610-10-10T12:00:00Z", // would wrap around to days
		"12h":                       "2026-03-01T00:00:00Z",
		"90m":                       "2026-02-28T13:30:00Z",
		"1h30m":                     "2026-02-28T13:30:00Z",
		"2027-01-31":                "2027-01-31T00:00:00Z",
		"2027-01-31T10:00:00+02:00": "2027-01-31T08:00:00Z",
	} {
		ms, err := cli.ParseWhen(aNow, text)
		got := ""
		if ms != 0 {
			got = time.UnixMilli(ms).UTC().Format(time.RFC3339)
		}
		if got != want || err != nil {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", " ", "d", "0d", "-1d", "+1d", "1.5d", "0h", "-5h", "99999d", "65536y", "9999999999h", "1e9", "90", "90 days", "soon", "Never",
		"2020-01-01", "2026-02-28", "2026-02-28T12:00:00Z", "2027-02-30", "2027-1-1", "31.01.2027", "٣d", strings.Repeat("9", 10_000) + "d",
	} {
		if ms, err := cli.ParseWhen(aNow, text); err == nil {
			t.Errorf("%.40q: %d", text, ms)
		}
	}
}

func FuzzParseWhen(f *testing.F) {
	for _, text := range []string{"", "90d", "1y", "12h", "2027-01-31", "never"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ms, err := cli.ParseWhen(aNow, text)
		if err == nil && text != "never" && ms < aNow.UnixMilli() {
			t.Errorf("%q is over already: %d", text, ms)
		}
	})
}

func TestRelative(t *testing.T) {
	const day = 24 * time.Hour
	for later, want := range map[time.Duration]string{
		0:                           "just now",
		-59 * time.Second:           "just now",
		time.Second:                 "in <1m",
		-time.Minute:                "1m ago",
		time.Minute:                 "in 1m",
		-(time.Hour - time.Second):  "59m ago",
		3 * time.Hour:               "in 3h",
		-36 * time.Hour:             "36h ago",
		29 * day:                    "in 29d",
		60 * day:                    "in 60d",
		-800 * day:                  "2y ago",
		250 * 365 * day:             "in 250y",
		-250 * 365 * day:            "250y ago",
		time.Minute - 1_000_000:     "in <1m",
		-(time.Minute - 1_000_000):  "just now",
		2*time.Hour - 1_000_000_000: "in 119m",
	} {
		if got := cli.Relative(aNow, aNow.Add(later).UnixMilli()); got != want {
			t.Errorf("%v: %q, want %q", later, got, want)
		}
	}
	if got := cli.Relative(aNow, 0); got != "never" {
		t.Errorf("0: %q", got)
	}
	for _, ms := range []int64{1<<63 - 1, -1 << 63} { // a bad server may send them
		if got := cli.Relative(aNow, ms); !strings.Contains(got, "y") {
			t.Errorf("%d: %q", ms, got)
		}
	}
	if got, want := cli.Exact(aNow, aNow.Add(3*day).UnixMilli()), "2026-03-03 12:00:00 UTC (in 3d)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
