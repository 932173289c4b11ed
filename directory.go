package jeton

import (
	"context"
	"time"
)

// Directory answers from memory who a user is, and applies every change made here
// before its answer is sent.
type Directory interface {
	// User returns a user without the password hash: ErrNotFound.
	User(ctx context.Context, id string) (User, error)
	// RoleTable returns all roles.
	RoleTable(ctx context.Context) (*RoleTable, error)
	// Apply drops from memory what an event changed.
	Apply(e Event)
}

// Clock tells the time.
type Clock func() time.Time
