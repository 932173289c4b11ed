package limit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is a number of places per time. The zero value means no limit.
type Rate struct {
	Count int
	Per   time.Duration
}

// Refill says how places that were taken come back.
type Refill int

const (
	// Gradual gives one place back after each Per/Count (the generic cell rate
	// algorithm). It keeps one number for a key, so Count may be large.
	Gradual Refill = iota
	// Window gives each place back a Per after it was taken, so that no span of
	// that length ever sees more than Count. It keeps a time for each place that is
	// taken, so Count should be small.
	Window
)

// Rule is one limit: Count places for each key.
type Rule struct {
	Name string // of the policy in the RateLimit headers
	Rate
	Refill Refill
	Keys   int // the most keys of a limiter; 0: DefaultKeys
}

// step is the time after which a Gradual rule gives one place back.
func (r *Rule) step() time.Duration { return r.Per / time.Duration(r.Count) }

// The rules that every server has. Service.LogIn says what the keys of log-ins are; the
// other keys are networks. LogLines has one key.
var (
	LogInsOfName         = Rule{Name: "name", Rate: Rate{10, 15 * time.Minute}, Refill: Window, Keys: 16_384} // made-up names, too
	LogInsOfAccount      = Rule{Name: "account", Rate: Rate{10, 15 * time.Minute}, Refill: Window}
	LogInsOfNetwork      = Rule{Name: "network", Rate: Rate{50, 15 * time.Minute}, Refill: Window}
	LogInsOfWide         = Rule{Name: "wide", Rate: Rate{200, 15 * time.Minute}}
	RevocationsOfNetwork = Rule{Name: "revoke", Rate: Rate{10, time.Minute}}
	LookupsOfNetwork     = Rule{Name: "lookup", Rate: Rate{300, time.Minute}} // of one that is over the limit of unknown secrets
	LogLinesOfNetwork    = Rule{Name: "log", Rate: Rate{60, time.Minute}}     // of requests without a valid credential
	LogLines             = Rule{Name: "log", Rate: Rate{6000, time.Minute}}   // the same, of all networks together
)

// DefaultUnknownSecrets is the default rate of unknown secrets from one network, in the
// form of ParseRate.
const DefaultUnknownSecrets = "100/m"

const maxCount = 1_000_000

var units = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}

// ParseRate reads a rate such as 100/s, 10/m or 5000/h. The empty text and "off"
// mean no limit.
func ParseRate(s string) (Rate, error) {
	if s == "" || s == "off" {
		return Rate{}, nil
	}
	count, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(count)
	per, ok := units[unit]
	if err != nil || !ok || n < 1 || n > maxCount {
		return Rate{}, fmt.Errorf("%q is not like 100/s, 10/m or 5000/h, from 1 to %d", s, maxCount)
	}
	return Rate{Count: n, Per: per}, nil
}
