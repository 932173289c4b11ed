package verify

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Outcome is the result of a verification.
type Outcome int

// The outcomes.
const (
	Good           Outcome = iota // 200
	NoCredentials                 // 401 without an error code
	Malformed                     // invalid_request, with Settings.MalformedStatus
	Invalid                       // 401 invalid_token: no usable token has this secret
	Insufficient                  // 403 insufficient_scope
	Limited                       // 429
	Unavailable                   // 503: the cache does not know and the database does not answer
	BadRequirement                // 400 invalid_request: the requirement in the URL cannot be read
	Disconnected                  // 503: the client disconnected first
	BadMethod                     // 405: see web.ValidMethod

	// Outcomes is the number of outcomes.
	Outcomes int = iota
)

// outcomeLabels are the outcomes in logs and metrics.
var outcomeLabels = [Outcomes]string{
	"good", "no_credentials", "malformed", "invalid", "lacking", "limited", "unavailable", "misasked", "gone", "method",
}

func (o Outcome) String() string { return outcomeLabels[o] }

// report calls Verified and logs the verification, as the options say.
func (f *Front) report(r *http.Request, v *verdict, took time.Duration) {
	if f.Verified != nil {
		f.Verified(v.outcome, took)
	}
	if f.LogEach {
		f.log(r, v, took)
	}
}

// log logs one verification. Of the URL it logs only the names of required permissions, and
// only if the whole requirement could be read.
func (f *Front) log(r *http.Request, v *verdict, took time.Duration) {
	attrs := make([]slog.Attr, 0, 6)
	attrs = append(attrs, slog.String("outcome", v.outcome.String()), slog.Duration("duration", took),
		slog.String("client", f.Proxies.Address(r)))
	if v.view.Actor.ID != "" {
		attrs = append(attrs, slog.String("user", v.view.Actor.ID), slog.String("via", v.view.Actor.Via()))
	}
	if v.outcome != BadRequirement {
		if names := v.need.names(); names != "" {
			attrs = append(attrs, slog.String("require", names))
		}
	}
	f.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelInfo, "verification", attrs...)
}

// namesLogged is the most names of a requirement in one line of the log.
const namesLogged = 16

// names returns the required permissions, separated by spaces, with "..." for those after
// the first namesLogged. The need must be readable.
func (n need) names() string {
	var out []string
	for {
		p, ok, _ := n.next()
		if !ok {
			return strings.Join(out, " ")
		}
		if len(out) == namesLogged {
			return strings.Join(append(out, "..."), " ")
		}
		out = append(out, p)
	}
}
