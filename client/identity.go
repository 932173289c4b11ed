package client

import (
	"context"
	"slices"
	"time"
)

// Identity is the owner and the permissions of a good token. Requests share it: do not
// change it.
type Identity struct {
	UserID      string
	Username    string
	TokenID     string
	Roles       []string
	Permissions []string  // all of the token's permissions, sorted
	ExpiresAt   time.Time // zero: never
}

// Holds reports whether the token holds a permission.
func (i *Identity) Holds(permission string) bool {
	_, found := slices.BinarySearch(i.Permissions, permission)
	return found
}

type identityKey struct{}

// IdentityOf returns the identity of the request with this context; nil outside of
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
