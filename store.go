package jeton

import (
	"context"
	"time"
)

// Store keeps everything. It holds no rule of who may do what: it reads, and it
// applies changes one after the other.
//
// Of every method: ErrNotFound says that the row is not there; any other error
// but the named ones says that the store could not answer, and nothing is known.
// Slices are never nil on success and lists run from the oldest to the newest
// creation unless said otherwise.
type Store interface {
	Reader

	// Change runs one change: its checks, its writes and its event, in one
	// transaction. Changes of all nodes run one after the other, each seeing
	// what those before it wrote. When Change returns nil the change is on disk,
	// and the event returned holds its position. When fn fails, nothing of it
	// remains and its error is returned as it is; any other error means that
	// the store failed, and that the change may not be relied on.
	//
	// ctx bounds the wait for the turn, not the work: once begun, a change is
	// seen to its end. It may be run a second time from its beginning, when what
	// it did with others was undone for another's sake. fn must use tx alone, must not keep it, and must not
	// block on anything else. An event without an action is not written: the
	// change found nothing to do.
	//
	// ahead says what fn will ask first, so that a store across a network can
	// read it for many changes in one trip. It makes no other difference.
	Change(ctx context.Context, fn func(tx Tx) (Event, error), ahead ...Ahead) (Event, error)

	// Note writes events that go with no change (refusals), behind all changes
	// that wait. It does not wait itself; what is more than a bounded queue holds
	// is dropped, and logged as a number.
	Note(events ...Event)

	// AddUses takes in uses of tokens, at most UseBatch, in one transaction that
	// queues behind changes and leaves no event. A token's last use never goes
	// back; uses of a token that is not there are left out. ctx bounds the wait for
	// the turn. After an error nothing is written, unless it is COMMIT whose answer
	// was lost: then nobody knows.
	AddUses(ctx context.Context, uses []Use) error
	// ClearOld removes some of what is old, in one transaction like that of
	// AddUses, and returns how many rows: fewer than the limit when nothing is left.
	ClearOld(ctx context.Context, o Old) (removed int64, err error)

	// Head returns where the journal stands.
	Head(ctx context.Context) (Head, error)

	// Credential returns what a digest opens, with its owner: a token's or a
	// session's, whatever its state. ErrNotFound: no such secret; ErrRetired, which
	// is an ErrNotFound too: the secret of a token that is gone, or one that was
	// replaced.
	Credential(ctx context.Context, d Digest, kind Kind) (Credential, error)

	// Close ends the store after what was queued is written.
	Close() error
}

// Ahead names what a change will ask first: the credential of its actor, by
// CredentialByID, and the owner of the tokens it is about, by OwnerTokens.
type Ahead struct {
	Credential string
	Kind       Kind
	Owner      string // empty: none
}

// Reader is what both a store and a change under way can read.
type Reader interface {
	TokenReader
	UserReader
	RoleReader
	SessionReader
	JournalReader
}

// TokenReader reads tokens.
type TokenReader interface {
	Token(ctx context.Context, id string) (Token, error)
	// TokensOf returns limit tokens of an owner from the offset on, and how many he has.
	TokensOf(ctx context.Context, userID string, offset, limit int64) (TokenPage, error)
	// Tokens returns limit of all tokens from the offset on, and how many there
	// are, at a cost that does not grow with the offset or the number.
	Tokens(ctx context.Context, offset, limit int64) (TokenPage, error)
	// SearchTokens returns at most limit tokens whose id, whose owner's id or
	// whose owner's username is exactly the term.
	SearchTokens(ctx context.Context, term string, limit int64) ([]Token, error)
	// TokensMadeBy returns the ids of the tokens made by token id, by those they
	// made, and so on, all of the same owner; and how many tokens these and id
	// itself made for other owners.
	TokensMadeBy(ctx context.Context, id, userID string) (same []string, others int, err error)
	// TokenUses returns a token's last use, and the newest UseDays days on which
	// there were uses, the newest first.
	TokenUses(ctx context.Context, id string) (TokenUses, error)
}

// UserReader reads users, bots among them.
type UserReader interface {
	User(ctx context.Context, id string) (User, error)
	UserByName(ctx context.Context, username string) (User, error)
	UserByEmail(ctx context.Context, email string) (User, error)
	// Users returns the users that the filter lets through, ordered by username
	// (or by creation, then username, where it says so).
	Users(ctx context.Context, f UserFilter, offset, limit int64) ([]User, error)
	// Bots returns bots ordered by creation, then username.
	Bots(ctx context.Context, f BotFilter, offset, limit int64) ([]User, error)
	// ActiveAdmins counts the people that are active system administrators,
	// at most up to 2.
	ActiveAdmins(ctx context.Context) (int, error)
	// AnyUser reports whether there is a user at all.
	AnyUser(ctx context.Context) (bool, error)
	// KnownAddress reports whether the user logged in from the address before.
	KnownAddress(ctx context.Context, userID, address string) (bool, error)
}

// RoleReader reads roles.
type RoleReader interface {
	// Roles returns all roles, by name.
	Roles(ctx context.Context) ([]Role, error)
	// RoleAssigned reports whether any user has the role.
	RoleAssigned(ctx context.Context, name string) (bool, error)
}

// SessionReader reads sessions.
type SessionReader interface {
	Session(ctx context.Context, id string) (Session, error)
	// SessionsOf returns a user's sessions, the most recently active first.
	SessionsOf(ctx context.Context, userID string) ([]Session, error)
}

// JournalReader reads the journal.
type JournalReader interface {
	// Events returns events from the newest to the oldest.
	Events(ctx context.Context, f EventFilter, offset, limit int64) ([]Event, error)
	// EventsAfter returns at most limit events after a position, in their order,
	// and the head that the same look saw.
	EventsAfter(ctx context.Context, position, limit int64) ([]Event, Head, error)
}

// Tx is a change under way.
type Tx interface {
	Reader
	TokenWriter
	UserWriter
	RoleWriter
	SessionWriter

	// RoleTable returns all roles as they stand in this change.
	RoleTable(ctx context.Context) (*RoleTable, error)
	// CredentialByID reads again what an actor came by: ErrNotFound when the
	// token or session is gone.
	CredentialByID(ctx context.Context, id string, kind Kind) (Credential, error)
	// OwnerTokens returns a user and how many tokens he owns.
	OwnerTokens(ctx context.Context, userID string) (User, int64, error)
}

// TokenWriter changes tokens.
type TokenWriter interface {
	// AddToken adds a token and the digest of its secret.
	AddToken(ctx context.Context, t Token, d Digest) error
	// SetTokensActive enables or disables tokens by id.
	SetTokensActive(ctx context.Context, ids []string, active bool) error
	// RemoveTokens removes tokens by id with their secrets and uses. Their digests are
	// remembered as retired at now, so that a retired secret is recognised.
	RemoveTokens(ctx context.Context, ids []string, now int64) error
}

// UserWriter changes users.
type UserWriter interface {
	// AddUser adds a user: ErrUsernameTaken, ErrEmailTaken.
	AddUser(ctx context.Context, u User) error
	// SetUser writes every field of a user anew: ErrUsernameTaken, ErrEmailTaken.
	SetUser(ctx context.Context, u User) error
	// RemoveUser removes a user with his tokens, sessions and known addresses.
	// His bots and the events he caused stay.
	RemoveUser(ctx context.Context, id string, now int64) error
	// DisableBotsOf deactivates the active bots of an owner and returns their ids.
	DisableBotsOf(ctx context.Context, ownerID string, now int64) ([]string, error)
}

// RoleWriter changes roles.
type RoleWriter interface {
	AddRole(ctx context.Context, r Role) error // ErrRoleNameTaken
	SetRole(ctx context.Context, r Role) error
	RemoveRole(ctx context.Context, id string) error
}

// SessionWriter changes sessions.
type SessionWriter interface {
	// AddSession adds a session with the digest of its secret, remembers its
	// address as known to the user, and drops the user's expired sessions and
	// all but the newest keep.
	AddSession(ctx context.Context, s Session, d Digest, keep int) error
	RemoveSession(ctx context.Context, id string) error
	// RemoveSessionsOf removes a user's sessions but the one with the id keep.
	RemoveSessionsOf(ctx context.Context, userID, keep string) error
}

// Passwords hashes and compares passwords. It bounds how many are worked on at
// once: when none is free in time, it returns an *Error with CodeBusy.
type Passwords interface {
	// Hash returns a string that holds everything needed to compare later.
	Hash(ctx context.Context, password string) (string, error)
	// Compare reports whether the password is the hash's. An empty or unreadable
	// hash costs as much as a real one and matches nothing.
	Compare(ctx context.Context, hash, password string) (bool, error)
	// Readable reports whether a hash made elsewhere can be compared with.
	Readable(hash string) bool
}

// Directory answers from memory who an owner is, and hears of every change
// before its answer is sent.
type Directory interface {
	// Owner returns a user's part that decides: ErrNotFound.
	Owner(ctx context.Context, id string) (Owner, error)
	// RoleTable returns all roles.
	RoleTable(ctx context.Context) (*RoleTable, error)
	// Apply takes in an event: what was remembered of what it changed is forgotten.
	Apply(e Event)
}

// Clock tells the time.
type Clock func() time.Time
