package web

import (
	"log/slog"
	"net/url"
	"time"

	"jeton"
	"jeton/limit"
)

// Options are what all fronts share. A front's own options embed them, and so does the
// Funnel. The funnel does not use Service; fronts need it. Auth is needed where a route
// identifies its caller.
type Options struct {
	Service *jeton.Service
	Auth    Authenticator
	Log     *slog.Logger // nil: discards
	Public  *url.URL     // how clients reach the server; nil: not known
	Proxies Proxies
	Clock   jeton.Clock // nil: time.Now
	// Guesses limits unknown secrets. All fronts share it. Nil: no limit.
	Guesses *limit.Guesses
	// Used is called for each request that a token authenticated, with the token's id,
	// the client's address and the time in Unix milliseconds. It must not block. Nil:
	// uses are not counted.
	Used func(tokenID, address string, at int64)
	// Answered is called at the end of each call, with its method and its route's
	// pattern as the log names them (never text that the client chose), its status and
	// its duration. The status is StatusGone when the call failed because the client
	// closed the connection. It must not block. Nil: nothing is measured.
	Answered func(method, route string, status int, took time.Duration)
}

// WithDefaults returns the options with what is missing filled in.
func (o Options) WithDefaults() Options {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
