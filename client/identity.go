package client

import (
	"context"
	"slices"
	"time"
)

// Identity is whose a good token is, and what it may do. It is shared: change
// nothing of it.
type Identity struct {
	UserID      string
	Username    string
	TokenID     string
	Roles       []string
	Permissions []string  // all that the token may do, sorted
	ExpiresAt   time.Time // zero: never
}

// Holds reports whether the token may do what a permission names.
func (i *Identity) Holds(permission string) bool {
	_, found := slices.BinarySearch(i.Permissions, permission)
	return found
}

type identityKey struct{}

// IdentityOf returns who makes the request whose context it is; nil outside of
// Middleware.
func IdentityOf(ctx context.Context) *Identity {
	i, _ := ctx.Value(identityKey{}).(*Identity)
	return i
}

func newIdentity(in Introspection) *Identity {
	i := &Identity{
		UserID: in.Subject, Username: in.Username, TokenID: in.ID,
		Roles: in.Roles, Permissions: slices.Sorted(slices.Values(in.Permissions)),
	}
	if in.ExpiresAtMS != 0 {
		i.ExpiresAt = time.UnixMilli(in.ExpiresAtMS)
	}
	return i
}
