package jeton

import (
	"context"
	"time"
)

// Passwords hashes and compares passwords. It bounds how many are worked on at once, and
// shares that fairly between the networks of OriginOf(ctx): when no slot is free in time,
// it returns an *Error with CodeBusy.
type Passwords interface {
	// Hash returns a string that holds everything needed to compare later.
	Hash(ctx context.Context, password string) (string, error)
	// Compare compares a password with a hash. An empty or unreadable hash costs as much
	// as one that Hash made, and matches nothing.
	Compare(ctx context.Context, hash, password string) (Comparison, error)
	// Acceptable reports whether a hash made elsewhere can be stored: it can be compared
	// with, and costs neither much more nor much less than one that Hash makes.
	Acceptable(hash string) bool
	// WrongTakes returns how long the answer to a wrong password has to take, from
	// Comparison.Began on, so that the time does not reveal what was compared.
	WrongTakes() time.Duration
}

// Comparison is the result of comparing a password with a hash.
type Comparison struct {
	Right bool
	Stale bool      // the hash is not of the kind and cost that Hash makes now
	Began time.Time // when the work began, after the wait for a slot
}

// Origin is where the work on a password comes from. The zero value is a command on the
// server's own machine.
type Origin struct {
	Network string // what shares a turn: an IPv4 address, or the /48 of an IPv6 address
	Known   bool   // users log in from there
}

type originKey struct{}

// WithOrigin returns a context that says where work on passwords comes from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the origin that a context holds: without one that of a local command,
// which counts as known.
func OriginOf(ctx context.Context) Origin {
	o, ok := ctx.Value(originKey{}).(Origin)
	if !ok {
		return Origin{Known: true}
	}
	return o
}
