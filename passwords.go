package jeton

import "context"

// Passwords hashes and compares passwords. It bounds how many are worked on at
// once: when no slot is free in time, it returns an *Error with CodeBusy.
type Passwords interface {
	// Hash returns a string that holds everything needed to compare later.
	Hash(ctx context.Context, password string) (string, error)
	// Compare reports whether the password is the hash's. An empty or unreadable
	// hash costs as much as a real one and matches nothing.
	Compare(ctx context.Context, hash, password string) (bool, error)
	// Readable reports whether a hash made elsewhere can be compared with.
	Readable(hash string) bool
}
