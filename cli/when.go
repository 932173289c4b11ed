package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// steps are the units of relative times, the largest first, each with the duration from
// which it is precise enough.
var steps = []struct {
	length, from time.Duration
	name         string
}{
	{365 * day, 2 * 365 * day, "y"},
	{30 * day, 120 * day, "mo"},
	{day, 2 * day, "d"},
	{time.Hour, 2 * time.Hour, "h"},
	{time.Minute, time.Minute, "m"},
}

// relative returns a time relative to now: "3h ago", "in 12d", "never" for 0. ms is in
// Unix milliseconds.
func relative(now time.Time, ms int64) string {
	if ms == 0 {
		return "never"
	}
	ahead := time.UnixMilli(ms).Sub(now)
	length := ahead.Abs()
	for _, s := range steps {
		if n := length / s.length; length >= s.from {
			if ahead > 0 {
				return fmt.Sprintf("in %d%s", n, s.name)
			}
			return fmt.Sprintf("%d%s ago", n, s.name)
		}
	}
	if ahead > 0 {
		return "in <1m"
	}
	return "just now"
}

// exact returns a time in UTC and relative to now; ms is in Unix milliseconds.
func exact(now time.Time, ms int64) string {
	if ms == 0 {
		return "never"
	}
	return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05 UTC") + " (" + relative(now, ms) + ")"
}

// units are the units of durations beside those of Go, in days.
var units = map[byte]int{'d': 1, 'w': 7, 'y': 365}

// parseWhen parses an expiry: a duration from now (90d, 12h, 2w, 1y), a day (2027-01-31,
// its start in UTC), a time (RFC 3339), or never. It returns Unix milliseconds, 0 for
// never.
func parseWhen(now time.Time, text string) (int64, error) {
	if text == "never" {
		return 0, nil
	}
	at, err := parseMoment(now, text)
	if err != nil {
		return 0, err
	}
	if !at.After(now) {
		return 0, errors.New("that is not in the future")
	}
	return at.UnixMilli(), nil
}

func parseMoment(now time.Time, text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text != "" && units[text[len(text)-1]] > 0 {
		number, days := text[:len(text)-1], units[text[len(text)-1]]
		if n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 16); err == nil {
			return now.UTC().AddDate(0, 0, int(n)*days), nil
		}
	}
	if d, err := parseDuration(text); err == nil {
		return now.Add(d), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errors.New("neither a duration (90d, 12h, 2w, 1y) nor a day (2027-01-31) nor never")
}
