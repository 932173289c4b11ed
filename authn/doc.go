// Package authn turns a secret into an actor, fast: from memory where it can,
// and never from memory that may be out of date.
//
// It owns the cache of credentials, users and roles, and the follower that
// keeps it true to the journal, and it gathers the uses of tokens (uses.go), off
// the path of requests. It must not hold a rule of who may do what:
// whether a credential is usable is jeton.Credential.Usable, what an actor may
// do is the service's business.
//
// # How a stale answer is kept out
//
// Events are numbered as they are applied here. Each owner hashes to a mark,
// which holds the number of the last event that touched him (or an owner with
// the same mark: that only costs a look-up). Whoever fills the cache notes the
// number of events applied before it asks the database; what it read counts as
// long as the owner's mark is not above that number. A fill that raced a revoke
// was read before the revoke was applied, so the mark has passed it by, however
// late it is stored. No lock is shared by requests, and the marks' size is fixed.
//
// # The lease
//
// The cache is trusted only while the journal is heard: for the lease, counted
// from the moment the last completed read of the journal was sent. Past it, and
// when the clocks disagree, every request asks the database; when that cannot be
// reached, nobody is let in and nobody is called invalid.
package authn
