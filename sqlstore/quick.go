package sqlstore

import (
	"context"

	"jeton"
)

// The reads of this file, and Credential, are those that every request may have to
// wait for: who a secret belongs to, and whether what is remembered of that is
// still true. They have connections of their own, so that lists and searches,
// however many and however slow, cannot keep them waiting.

// Head implements jeton.Store.
func (s *Store) Head(ctx context.Context) (jeton.Head, error) {
	h, err := loadHead(ctx, s.quick.src)
	return h.public(), err
}

// User implements jeton.UserReader.
func (s *Store) User(ctx context.Context, id string) (jeton.User, error) {
	return s.quick.User(ctx, id)
}

// Roles implements jeton.RoleReader.
func (s *Store) Roles(ctx context.Context) ([]jeton.Role, error) { return s.quick.Roles(ctx) }

// EventsAfter implements jeton.JournalReader.
func (s *Store) EventsAfter(ctx context.Context, position, limit int64) ([]jeton.Event, jeton.Head, error) {
	return s.quick.EventsAfter(ctx, position, limit)
}
