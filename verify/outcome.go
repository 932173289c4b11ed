package verify

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Outcome says how a verification ended.
type Outcome int

// The outcomes.
const (
	Good          Outcome = iota
	NoCredentials         // 401, a bare challenge
	Malformed             // invalid_request, with Settings.MalformedStatus
	Invalid               // 401 invalid_token: it opens nothing now, whatever the reason
	Lacking               // 403 insufficient_scope
	Limited               // 429
	Unavailable           // 503: nobody knows
	Misasked              // 400 invalid_request: the requirement in the URL cannot be read
	Gone                  // the client hung up before it was known

	// Outcomes is how many there are.
	Outcomes int = iota
)

// words are the outcomes as logs and metrics call them.
var words = [Outcomes]string{
	"good", "no_credentials", "malformed", "invalid", "lacking", "limited", "unavailable", "misasked", "gone",
}

func (o Outcome) String() string { return words[o] }

// tell tells who asked how a verification ended.
func (f *Front) tell(r *http.Request, v *verdict, took time.Duration) {
	if f.Verified != nil {
		f.Verified(v.outcome, took)
	}
	if f.LogEach {
		f.log(r, v, took)
	}
}

// log writes the line of one verification. Of the URL it holds names of permissions
// alone, and those only where all of what was required could be read.
func (f *Front) log(r *http.Request, v *verdict, took time.Duration) {
	attrs := make([]slog.Attr, 0, 6)
	attrs = append(attrs, slog.String("outcome", v.outcome.String()), slog.Duration("duration", took),
		slog.String("client", f.Proxies.Address(r)))
	if v.view.Actor.ID != "" {
		attrs = append(attrs, slog.String("user", v.view.Actor.ID), slog.String("via", v.view.Actor.Via()))
	}
	if v.outcome != Misasked {
		if names := v.need.names(); names != "" {
			attrs = append(attrs, slog.String("require", names))
		}
	}
	f.Log.LogAttrs(context.WithoutCancel(r.Context()), slog.LevelInfo, "verification", attrs...)
}

// namesLogged is how many names of a requirement a line of the log holds.
const namesLogged = 16

// names returns what is asked for, with a space between, and "..." for the rest of
// many; it must be readable.
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
