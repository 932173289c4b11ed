package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"jeton"
	"jeton/limit"
)

// noRoute is what the log calls a path without a route. The path itself can hold
// anything, also a secret that was pasted into it.
const noRoute = "none"

func (c *Call) route() string {
	if c.pattern == "" {
		return noRoute
	}
	return c.pattern
}

// access logs one line for a call: the caller, the route and the result. It holds
// the route's pattern, never the path or the query.
func (f *Funnel) access(c *Call, start time.Time) {
	gone := c.gone()
	level := slog.LevelInfo
	if c.status >= http.StatusInternalServerError && !gone {
		level = slog.LevelError
	}
	if c.quiet && c.status < http.StatusBadRequest {
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if !f.Log.Enabled(ctx, level) {
		return
	}
	if c.unauthenticated() && !f.mayLog(c) {
		f.unlogged.Add(1)
		return
	}
	attrs := make([]slog.Attr, 0, 13)
	attrs = append(attrs,
		slog.String("request_id", c.ID),
		slog.String("method", knownMethod(c.Request.Method)),
		slog.String("route", c.route()),
		slog.Int("status", c.status),
		slog.Duration("duration", f.Clock().Sub(start)),
		slog.String("client", c.Address))
	if gone {
		attrs = append(attrs, slog.Bool("client_gone", true))
	}
	if c.Actor.ID != "" {
		attrs = append(attrs, slog.String("user", c.Actor.ID), slog.String("via", c.Actor.Via()))
	}
	if c.cause != nil {
		attrs = append(attrs, slog.String("code", string(jeton.CodeOf(c.cause))))
		if e, ok := errors.AsType[*jeton.Error](c.cause); ok && e.Err != nil && level == slog.LevelError {
			attrs = append(attrs, slog.String("cause", e.Err.Error()))
		}
	}
	if n := f.unlogged.Swap(0); n > 0 {
		attrs = append(attrs, slog.Int64("unlogged", n))
	}
	f.Log.LogAttrs(ctx, level, "request", attrs...)
}

// unauthenticated reports whether the call was refused for want of a valid credential.
func (c *Call) unauthenticated() bool {
	return c.Actor.ID == "" && (c.status == http.StatusUnauthorized || c.status == http.StatusTooManyRequests)
}

// mayLog reports whether one more line about an unauthenticated call may be logged. A
// flood of them must not fill the disk: the next line has the number of those that were
// left out, and the metrics count them all.
func (f *Funnel) mayLog(c *Call) bool {
	now := f.Clock()
	return f.linesOfNetwork.Take(limit.Network(c.Address), now).OK && f.lines.Take("", now).OK
}

// gone reports whether the client closed the connection: a failure caused by that is
// not the server's.
func (c *Call) gone() bool { return c.Request.Context().Err() != nil }

// StatusGone stands for a failure that the client caused by closing the connection.
// It is never sent; nginx logs the same number.
const StatusGone = 499

// answered reports the result of a call to Funnel.Answered.
func (f *Funnel) answered(c *Call, start time.Time) {
	if f.Answered == nil {
		return
	}
	status := c.status
	if status >= http.StatusInternalServerError && c.gone() {
		status = StatusGone
	}
	f.Answered(knownMethod(c.Request.Method), c.route(), status, f.Clock().Sub(start))
}

// knownMethod returns a method of HTTP as it is, and "other" for any other, so that
// clients cannot put their own words into logs and metrics.
func knownMethod(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return m
	}
	return "other"
}
