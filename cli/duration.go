package cli

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longUnits are the units of durations that Go does not have, the longest first: years,
// weeks and days. Go's own may follow them.
var longUnits = regexp.MustCompile(`^(?:([0-9]{1,5})y)?(?:([0-9]{1,5})w)?(?:([0-9]{1,5})d)?(.*)$`)

// longest bounds what parseDuration returns. time.Duration ends at 292 years.
const longest = 290 * 365 * day

var errDuration = errors.New("must be a duration such as 90s, 12h, 30d, 2w or 1d12h")

// parseDuration parses a duration with the units of Go and y (365 days), w and d before
// them: 90s, 1h30m, 30d, 1d12h. Spaces count for nothing.
func parseDuration(text string) (time.Duration, error) {
	text = strings.Join(strings.Fields(text), "")
	parts := longUnits.FindStringSubmatch(text)
	if text == "" || parts == nil {
		return 0, errDuration
	}
	total, rest := time.Duration(0), parts[4]
	for i, days := range []time.Duration{365, 7, 1} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseUint(parts[i+1], 10, 16)
		if err != nil || time.Duration(n) > (longest-total)/(days*day) {
			return 0, errDuration
		}
		total += time.Duration(n) * days * day
	}
	if rest == "" {
		return total, nil
	}
	short, err := time.ParseDuration(rest)
	signed := strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+")
	if err != nil || short > longest-total || signed && rest != text {
		return 0, errDuration
	}
	return total + short, nil
}
