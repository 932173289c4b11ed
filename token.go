package jeton

import (
	"slices"
)

// Limits of a token.
const (
	MaxDescription = 255 // characters
	MaxScopes      = 100 // permissions
)

// Token is the record of a user access token. It never contains the secret.
type Token struct {
	ID          string
	UserID      string // the owner: the user or bot that the token acts as
	Description string
	Active      bool
	CreateAt    int64  // Unix milliseconds, as all times of this package
	ExpiresAt   int64  // 0: never
	LastUsedAt  int64  // 0: never
	Scopes      Scopes // nil: not narrowed
	CreatedBy   string // the id of the user or bot that created it; ActorLocal: a local command
	CreatedVia  string // the id of the token used to create it; empty: none was used
	Hint        string // the last 4 characters of the secret; empty: the secret has no prefix
	Seq         int64  // position in the order of creation, assigned by the store
}

// NewToken is a token that a caller asks to create. What is not given is taken from
// the token that the caller uses, if it uses one.
type NewToken struct {
	Description string
	ExpiresAt   int64  // Unix milliseconds; 0: not given, or never
	Scopes      Scopes // nil: not given, or not narrowed
}

// CreatedToken is a new token with its secret, which is shown this one time.
type CreatedToken struct {
	Token  Token
	Secret Secret
}

// validate checks what does not depend on the actor, in Mattermost's order.
func (n NewToken) validate(now int64) error {
	if n.ExpiresAt != 0 && n.ExpiresAt <= now {
		return fail(CodeTokenExpiresInPast)
	}
	if !fits(n.Description, MaxDescription) {
		return fail(CodeTokenDescription)
	}
	if len(n.Scopes) > MaxScopes {
		return fail(CodeTokenScopes)
	}
	if p, found := firstInvalid(n.Scopes); found {
		return failValue(CodeTokenScopes, "", p)
	}
	return nil
}

// Scopes narrows a token. Nil means not narrowed; a list means exactly these
// permissions, and the empty list none. Code that copies scopes must keep nil and
// empty apart: they are everything and nothing.
type Scopes []string

// Has reports whether the scopes allow the permission.
func (s Scopes) Has(permission string) bool { return s == nil || slices.Contains(s, permission) }

// Covers reports whether s allows every permission that other allows.
func (s Scopes) Covers(other Scopes) bool {
	if s == nil {
		return true
	}
	if other == nil {
		return false
	}
	return !slices.ContainsFunc(other, func(p string) bool { return !slices.Contains(s, p) })
}

// Normalize returns the scopes sorted and without duplicates. Nil stays nil, and empty
// stays empty.
func (s Scopes) Normalize() Scopes {
	if s == nil {
		return nil
	}
	out := append(Scopes{}, s...)
	slices.Sort(out)
	return slices.Compact(out)
}

// TokenPage is one page of a list of tokens, and the length of the list.
type TokenPage struct {
	Tokens []Token
	Total  int64
}

// Cascade counts the tokens that were created with a token that is revoked or
// disabled.
type Cascade struct {
	Followed int // of the same owner: revoked or disabled too
	Kept     int // of other owners: not changed
}
