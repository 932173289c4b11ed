// Package jeton is the domain of Jeton, a self-hosted server of personal access
// tokens: its terms, its rules and its use cases. It imports the standard library
// alone and knows neither SQL nor HTTP.
//
// # A token's life
//
// A person logs in and has a session. With the permission, a person creates a token
// for their own account, for their own bot, or for a user whose permissions they hold
// too. The answer to that request contains the secret. After it, only the owner has
// the secret: the store holds a digest, and everything else names the token by its
// id. A token acts as its owner, with the permissions that the owner has at that
// moment, cut to the token's scopes where it has any. It ends when it is revoked, when
// it expires, to the millisecond, or when the token that created it is revoked. It is
// not usable while it is disabled or its owner is deactivated.
//
// # Access
//
// One table, in access.go, says what each use case requires of its actor. One rule
// stands above it: no actor gives away a permission that it does not hold. The checks
// of a change run inside its transaction, and every change writes one event into the
// journal, or does not happen.
//
// # What is never stored
//
// No secret is at rest, in a log, an error, a metric or the journal. The type Secret
// prints as a mask. Only the code that writes the answer with a new secret calls
// Secret.Reveal.
//
// # Where things are
//
// Types are in token.go, user.go, role.go, permission.go, session.go, query.go and
// journal.go; secret.go is the only file that makes, reads or hashes a secret. Names
// of use cases are in action.go, the actor in actor.go, the table in access.go.
// service*.go hold the use cases; change.go has the one way to change the store;
// store.go says what a store must do; error.go lists every way to fail.
package jeton
