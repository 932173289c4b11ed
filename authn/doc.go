// Package authn returns the actor of a secret: from its cache when the cached entry is
// known to be current, else from the database.
//
// It owns the cache of credentials, users and roles, the follower that reads the journal
// and invalidates cached entries, and the buffer of the uses of tokens (uses.go), which are
// written outside requests. It must not hold a rule of access: jeton.Credential.Usable says
// whether a credential is usable, and the service says what an actor may do.
//
// # No stale answer after a change
//
// The cache counts the events that it applies. Each owner's id hashes to a mark: the
// number of the last event that changed that owner, or another owner with the same hash. A
// fill of the cache notes the number of events applied before it reads the database. Its
// entry is valid while the owner's mark is not above that number. If a fill races with a
// revoke, the fill noted a lower number than the revoke's, so its entry is invalid however
// late it is stored. Requests share no lock, and the marks have a fixed size.
//
// # The lease
//
// The cache is used only within the lease, which begins when the last completed read of
// the journal was sent. After the lease, and when the monotonic clock and the wall clock
// disagree, every request reads the database. If the database does not answer, requests
// fail with CodeAuthFailed: they are neither accepted nor refused as invalid.
package authn
