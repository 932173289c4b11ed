// Package jeton is the domain of Jeton, a self-hosted server of personal access
// tokens: its words, its rules and its use cases. It imports the standard
// library alone and knows neither SQL nor HTTP.
//
// # A token's life
//
// A person logs in and has a session; a person with the permission makes a token
// for himself, for a bot of his, or for somebody else whose power he has himself.
// The answer to that one request carries the secret. After it, the secret exists
// only where its owner keeps it: a store holds the digest, and everything else
// speaks of the token by its id. A token acts as its owner, with the owner's
// permissions as they are at that moment, cut to the token's scopes where it has
// any. It ends when it is revoked, when it expires, to the millisecond, or when
// the token that made it ends; it rests while it is disabled or its owner is
// deactivated.
//
// # Who may do what
//
// One table, in access.go, says what each use case asks of its actor. One rule
// stands above it: nobody gives what he does not have. The checks of a change
// run inside the transaction that carries it out, and every change writes one
// event into the journal, or does not happen.
//
// # What is never stored
//
// No secret: not at rest, not in a log, an error, a metric or the journal. The
// type Secret prints as a mask; Secret.Reveal is called where an answer to its
// maker is written and nowhere else.
//
// # Where things are
//
// Types stand in token.go, user.go, role.go, session.go and journal.go; secret.go
// is the only file that makes, reads or hashes a secret; service*.go hold the use
// cases; store.go says what a store must do; error.go lists every way to fail.
package jeton
