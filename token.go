package jeton

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what a token may hold.
const (
	MaxDescription = 255 // characters of a token's description
	MaxScopes      = 100 // permissions a token may be narrowed to
)

// Token is the record of a user access token. It never holds the secret.
type Token struct {
	ID          string
	UserID      string // the owner: the user or bot that the token acts as
	Description string
	Active      bool
	CreateAt    int64  // Unix milliseconds, as all times here
	ExpiresAt   int64  // 0: never
	LastUsedAt  int64  // 0: never
	Scopes      Scopes // nil: not narrowed
	CreatedBy   string // the maker's user id; empty: the server's machine
	CreatedVia  string // the token that made this one; empty: none
	Hint        string // the secret's last 4 characters; empty for bare ones
	Seq         int64  // place in the one order of creation, given by the store
}

// NewToken is what a caller asks for.
type NewToken struct {
	Description string
	ExpiresAt   int64  // 0: never, or the maker's
	Scopes      Scopes // nil: not narrowed, or the maker's
}

// validate judges what can be judged without the maker. The order is the wire's.
func (n NewToken) validate(now int64) error {
	if n.ExpiresAt != 0 && n.ExpiresAt <= now {
		return fail(CodeTokenExpiresInPast)
	}
	if utf8.RuneCountInString(n.Description) > MaxDescription || !validText(n.Description) {
		return fail(CodeTokenDescription)
	}
	if len(n.Scopes) > MaxScopes {
		return fail(CodeTokenScopes)
	}
	for _, p := range n.Scopes {
		if !ValidPermission(p) {
			return failParam(CodeTokenScopes, p)
		}
	}
	return nil
}

// validText refuses what neither database keeps as text.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// Scopes narrows a token: nil is not narrowed, a list (the empty one too) means
// exactly these permissions. The difference between nil and empty is the
// difference between everything and nothing: copy with Clone, compare with nil.
type Scopes []string

// Has reports whether the scopes let the permission through.
func (s Scopes) Has(permission string) bool { return s == nil || slices.Contains(s, permission) }

// Covers reports whether everything that other lets through, s lets through too.
func (s Scopes) Covers(other Scopes) bool {
	if s == nil {
		return true
	}
	if other == nil {
		return false
	}
	return !slices.ContainsFunc(other, func(p string) bool { return !slices.Contains(s, p) })
}

// Normalize returns the scopes sorted and without repeats; nil stays nil and
// empty stays empty.
func (s Scopes) Normalize() Scopes {
	if s == nil {
		return nil
	}
	out := append(Scopes{}, s...)
	slices.Sort(out)
	return slices.Compact(out)
}

// TokenPage is one page of a list and how many there are in all.
type TokenPage struct {
	Tokens []Token
	Total  int64
}

// Cascade tells what followed from revoking or disabling a token.
type Cascade struct {
	Followed int // tokens made by it, of the same owner, that went the same way
	Kept     int // tokens made by it for other owners, that stay
}
