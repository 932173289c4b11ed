// Package verify tells other programs whether a token is good, whose it is, and whether it
// has a permission.
//
// It owns /verify, which a reverse proxy requests before it forwards a request; token
// introspection (RFC 7662) and revocation (RFC 7009) under /oauth2; and /feed, which keeps
// the caches of clients current. It follows RFC 6750. It must not hold a rule of access,
// and must not know the Mattermost API.
//
// # The hot path
//
// A verification does not pass the funnel of package web: it has no request id, and the
// access log has no line for it. Render makes the header values of a good answer once, when
// the credential enters the cache. All answers share these slices, so no code may change
// them.
//
// # Paths
//
// This package answers every path at or under /verify, encoded or decoded, and nothing else
// does. It ignores what a proxy appends to the path. If it cannot read a requirement with
// certainty, it refuses the request: an unreadable requirement never counts as none.
package verify
