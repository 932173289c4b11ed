package jeton

import "context"

// Store keeps all data. It contains no rule of access: it reads, and it applies changes
// one after the other.
//
// For every method: ErrNotFound says that the row does not exist; any error that
// is not named here says that the store could not answer, and nothing is known.
// Slices are never nil on success. Lists run from the oldest to the newest
// creation unless a method says otherwise.
//
// A read obeys its context, both while it waits for a connection and while it
// runs, and has a deadline of its own besides.
type Store interface {
	CredentialReader
	TokenReader
	UserReader
	SessionReader
	JournalReader
	Writer

	// Close ends the store after what is queued is written.
	Close() error
}

// CredentialReader reads what every request depends on. Its reads have connections
// of their own, so that no list or search delays them.
type CredentialReader interface {
	// Credential returns what a digest opens, with its owner: a token's or a
	// session's, whatever its state; for KindBare of either kind. ErrNotFound: no such secret. ErrRetired, which
	// is an ErrNotFound too: the secret of a token that is gone, or one that was
	// replaced.
	Credential(ctx context.Context, d Digest, kind Kind) (Credential, error)
	// Roles returns all roles, by name.
	Roles(ctx context.Context) ([]Role, error)
	// Head returns where the journal stands.
	Head(ctx context.Context) (Head, error)
	// EventsAfter returns at most limit events after a position, in their order,
	// and the head that the same statement saw.
	EventsAfter(ctx context.Context, position, limit int64) ([]Event, Head, error)
}

// TokenReader reads tokens.
type TokenReader interface {
	Token(ctx context.Context, id string) (Token, error)
	// TokensOf returns limit tokens of an owner from the offset on, and how many
	// the owner has.
	TokensOf(ctx context.Context, userID string, offset, limit int64) (TokenPage, error)
	// Tokens returns limit of all tokens from the offset on, and how many there
	// are, at a cost that does not grow with the offset or the number.
	Tokens(ctx context.Context, offset, limit int64) (TokenPage, error)
	// SearchTokens returns at most limit tokens whose id, whose owner's id or
	// whose owner's username is exactly the term.
	SearchTokens(ctx context.Context, term string, limit int64) ([]Token, error)
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
	// (or by creation, then username, where the filter says so).
	Users(ctx context.Context, f UserFilter, offset, limit int64) ([]User, error)
	// CountUsers returns the number of the users that the filter lets through.
	CountUsers(ctx context.Context, f UserFilter) (int64, error)
	// Bots returns bots ordered by creation, then username.
	Bots(ctx context.Context, f BotFilter, offset, limit int64) ([]User, error)
	// KnownAddress reports whether the user logged in from the address at or after a time
	// in Unix milliseconds.
	KnownAddress(ctx context.Context, userID, address string, since int64) (bool, error)
	// KnownNetworks returns at most limit addresses from which users logged in at or after
	// a time in Unix milliseconds, the latest first; one of them may come more than once.
	KnownNetworks(ctx context.Context, since, limit int64) ([]string, error)
}

// SessionReader reads sessions.
type SessionReader interface {
	// SessionsOf returns a user's sessions, the most recently active first.
	SessionsOf(ctx context.Context, userID string) ([]Session, error)
}

// JournalReader reads the journal for people.
type JournalReader interface {
	// Events returns events from the newest to the oldest. Where the filter asks for
	// refusals and names no actor, owner or target, their order is that of their times.
	Events(ctx context.Context, f EventFilter, offset, limit int64) ([]Event, error)
}

// Writer writes.
type Writer interface {
	// Change runs one change: its checks, its writes and its event, in one
	// transaction. Changes of all nodes run one after the other, and each sees what
	// those before it wrote. When Change returns without an error the change is on
	// disk: the event is returned with its position, and the head is where the
	// journal stood with it.
	//
	// When fn returns an error, nothing of the change remains, and Change returns
	// that error as it is. ErrUnchanged alone is no failure: Change then returns the
	// zero Event and the head that fn saw. Any other error means that the store
	// failed, and that the outcome is not known. An event without an action or a
	// target is such a failure.
	//
	// ctx bounds the wait in the queue, not the work: a change that has begun runs
	// to its end. The store may run fn more than once, from its beginning, as long
	// as nothing of an earlier run remains. fn must use tx alone, must not keep tx,
	// and must not block on anything else.
	//
	// p names rows that fn reads first. A store across a network reads them for many
	// changes in one trip. It makes no other difference.
	Change(ctx context.Context, p Prefetch, fn func(tx Tx) (Event, error)) (Event, Head, error)

	// Note queues events that go with no change (refusals) behind all changes that
	// wait, and returns how many of them, from the first on, the bounded queue took.
	// It does not wait.
	Note(events ...Event) int

	// AddUses adds uses of tokens, at most UseBatch, in one transaction that queues
	// behind changes and leaves no event. A token's last use never goes back; uses
	// of a token that does not exist are left out. ctx bounds the wait in the queue.
	// After an error nothing is written, unless the answer to COMMIT was lost: then
	// the outcome is not known.
	AddUses(ctx context.Context, uses []Use) error
	// SetActivity writes when sessions were last used, at most ActivityBatch, in one
	// transaction like that of AddUses. It never goes back; a session that does not
	// exist is left out.
	SetActivity(ctx context.Context, used []Activity) error
	// AddFailure adds one to a user's failed attempts, in a transaction like that of AddUses.
	// An id of no user takes the same way, and changes nothing.
	AddFailure(ctx context.Context, userID string) error
	// ClearOld removes some of what is old, in one transaction like that of
	// AddUses, and returns how many rows it removed: fewer than the limit when
	// nothing is left.
	ClearOld(ctx context.Context, o Old) (removed int64, err error)
}

// Prefetch names rows that a change reads first: the credential of its actor, by
// CredentialByID, and the owner of the tokens it is about, by OwnerTokens. Empty
// ids name nothing.
type Prefetch struct {
	CredentialID string
	Kind         Kind
	OwnerID      string
}

// Tx is a change under way. Its methods take no context: a change that has begun
// runs to its end.
type Tx interface {
	TxReader
	TokenWriter
	UserWriter
	RoleWriter
	TxSessions
}

// TxReader reads inside a change, and sees what the change wrote.
type TxReader interface {
	Token(id string) (Token, error)
	// TokensMadeBy returns the ids of the tokens made by token id, by those they
	// made, and so on, all of the same owner; and how many tokens these and id
	// itself made for other owners.
	TokensMadeBy(id, userID string) (same []string, others int, err error)
	User(id string) (User, error)
	UserByName(username string) (User, error)
	// OwnerTokens returns a user and how many tokens the user owns.
	OwnerTokens(userID string) (User, int64, error)
	// CountExpired returns how many of a user's tokens have expired at now.
	CountExpired(userID string, now int64) (int64, error)
	// ExpiredTokens returns the ids of at most limit of a user's tokens that expired at
	// or before a time, those that expired first before the others; for an empty id,
	// of the user whose token expired first. It returns the user's id too.
	ExpiredTokens(userID string, before, limit int64) (owner string, ids []string, err error)
	// ActiveAdmins counts the people that are active system administrators,
	// at most up to 2.
	ActiveAdmins() (int, error)
	// BotsOwned counts the bots of an owner, enabled or not, at most up to limit.
	BotsOwned(ownerID string, limit int64) (int64, error)
	// AnyUser reports whether there is a user at all.
	AnyUser() (bool, error)
	// RoleTable returns all roles.
	RoleTable() (*RoleTable, error)
	// RoleAssigned reports whether any user has the role.
	RoleAssigned(name string) (bool, error)
	// CredentialByID reads what an actor came by: ErrNotFound when the token or
	// session is gone.
	CredentialByID(id string, kind Kind) (Credential, error)
}

// TokenWriter changes tokens.
type TokenWriter interface {
	// AddToken adds a token and the digest of its secret.
	AddToken(t Token, d Digest) error
	// SetTokensActive enables or disables tokens by id.
	SetTokensActive(ids []string, active bool) error
	// RemoveTokens removes tokens by id with their secrets and uses. Their digests are
	// remembered as retired at now, so that a retired secret is recognised.
	RemoveTokens(ids []string, now int64) error
}

// UserWriter changes users.
type UserWriter interface {
	// AddUser adds a user: ErrUsernameTaken, ErrEmailTaken.
	AddUser(u User) error
	// SetUser writes every field of a user anew: ErrUsernameTaken, ErrEmailTaken.
	SetUser(u User) error
	// SetLogIn writes a log-in at a time in Unix milliseconds: the user's last one, and no
	// failed attempts. A hash replaces the one of the password; empty: it stays.
	SetLogIn(id string, at int64, hash string) error
	// RemoveUser removes a user with the user's tokens, sessions and known
	// addresses. The user's bots and events stay.
	RemoveUser(id string, now int64) error
	// DisableBotsOf deactivates the active bots of an owner, but not the owner, and returns
	// their ids.
	DisableBotsOf(ownerID string, now int64) ([]string, error)
}

// RoleWriter changes roles.
type RoleWriter interface {
	AddRole(r Role) error // ErrRoleNameTaken
	SetRole(r Role) error // ErrRoleNameTaken
	RemoveRole(id string) error
}

// TxSessions reads and changes sessions.
type TxSessions interface {
	Session(id string) (Session, error)
	// SessionsOf returns a user's sessions, the most recently active first.
	SessionsOf(userID string) ([]Session, error)
	// AddSession adds a session with the digest of its secret, and remembers its
	// address as known to the user.
	AddSession(s Session, d Digest) error
	// SetDevice writes a session's DeviceID.
	SetDevice(id, deviceID string) error
	RemoveSession(id string) error
	// RemoveSessions removes sessions by id; those that do not exist are left out.
	RemoveSessions(ids []string) error
	// RemoveSessionsOf removes a user's sessions but the one with the id keep.
	RemoveSessionsOf(userID, keep string) error
	// RemoveAllSessions removes the sessions of all users, and returns how many.
	RemoveAllSessions() (int64, error)
}
