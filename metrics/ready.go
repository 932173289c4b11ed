package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// readyTime bounds how long /readyz waits: a database that needs longer for one row is
// too slow for verifications.
const readyTime = 500 * time.Millisecond

// Health reports whether a server is ready for requests: not before Serve, and not after
// End. NewHealth makes one.
type Health struct {
	Log *slog.Logger // each change of the answer is logged; nil: discards

	parts atomic.Pointer[Parts]
	ended atomic.Bool
	asks  chan struct{} // holds one: bounds the checks of the database
	was   atomic.Pointer[string]
}

// Parts are the checks of a server.
type Parts struct {
	// Schema returns the version of the schema that the database has, and the one that
	// this program knows.
	Schema func(ctx context.Context) (has, known int64, err error)
	// Fresh reports whether the journal was read within the lease.
	Fresh func() bool
}

// NewHealth returns the health of a server that is starting.
func NewHealth(log *slog.Logger) *Health {
	return &Health{Log: log, asks: make(chan struct{}, 1)}
}

// Serve makes the server ready whenever its parts are.
func (h *Health) Serve(p Parts) { h.parts.Store(&p) }

// End makes the server not ready, permanently.
func (h *Health) End() { h.ended.Store(true) }

// The texts of /readyz for a check. They hold no details of errors, which go to the log.
const (
	well         = "ok"
	starting     = "starting: the database is being opened and its migrations done"
	ending       = "shutting down"
	unreachable  = "cannot be reached, or does not answer in time"
	notKnown     = "not known: the database cannot be reached"
	notMigrated  = "the schema is older than this program"
	newerSchema  = "the schema is newer than this program"
	notFollowing = "the journal was not read within the lease"
)

// report is the answer of /readyz: the checks, by name.
type report struct {
	Ready  bool   `json:"ready"`
	Checks checks `json:"checks"`
}

type checks struct {
	Server     string `json:"server"`
	Database   string `json:"database,omitempty"`
	Migrations string `json:"migrations,omitempty"`
	Feed       string `json:"feed,omitempty"`
}

// check runs the checks; cause is for the log.
func (h *Health) check(ctx context.Context) (out report, cause error) {
	p := h.parts.Load()
	switch {
	case h.ended.Load():
		out.Checks.Server = ending
		return out, nil
	case p == nil:
		out.Checks.Server = starting
		return out, nil
	}
	c := checks{Server: well, Database: well, Migrations: well, Feed: well}
	has, known, err := h.schema(ctx, p)
	switch {
	case err != nil:
		c.Database, c.Migrations = unreachable, notKnown
	case has < known:
		c.Migrations = notMigrated
	case has > known:
		c.Migrations = newerSchema
	}
	if !p.Fresh() {
		c.Feed = notFollowing
	}
	if h.ended.Load() { // while the checks ran
		c.Server = ending
	}
	return report{Ready: c == checks{well, well, well, well}, Checks: c}, err
}

// schema asks the database, one call at a time, so that probes cannot overload it. It does
// not wait for a driver that ignores the deadline.
func (h *Health) schema(ctx context.Context, p *Parts) (has, known int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	select {
	case h.asks <- struct{}{}:
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	type answer struct {
		has, known int64
		err        error
	}
	found := make(chan answer, 1)
	go func() {
		defer func() { <-h.asks }()
		var a answer
		a.has, a.known, a.err = p.Schema(ctx)
		found <- a
	}()
	select {
	case a := <-found:
		return a.has, a.known, a.err
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
}

// ready answers /readyz: 200, or 503 with the check that failed.
func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	out, cause := h.check(r.Context())
	if r.Context().Err() != nil {
		return // the client has disconnected, so the checks prove nothing
	}
	h.note(out, cause)
	status := http.StatusOK
	if !out.Ready {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, out)
}

// note logs an answer that differs from the one before it.
func (h *Health) note(out report, cause error) {
	now := out.Checks.Server + out.Checks.Database + out.Checks.Migrations + out.Checks.Feed
	if was := h.was.Swap(&now); was != nil && *was == now || h.Log == nil {
		return
	}
	level := slog.LevelWarn
	if out.Ready || out.Checks.Server != well { // starting and ending are no faults
		level = slog.LevelInfo
	}
	log := h.Log.With("ready", out.Ready, "server", out.Checks.Server, "database", out.Checks.Database,
		"migrations", out.Checks.Migrations, "feed", out.Checks.Feed)
	if cause != nil {
		log = log.With("cause", cause)
	}
	log.Log(context.Background(), level, "readiness")
}
