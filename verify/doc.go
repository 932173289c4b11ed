// Package verify answers other people's programs: is this token good, whose is it,
// may it do this?
//
// It owns /verify, which a reverse proxy asks before it lets a request through;
// token introspection (RFC 7662) and revocation (RFC 7009) under /oauth2; and /feed,
// by which caches elsewhere stay true. It speaks RFC 6750 to the letter. It must not
// hold a rule of who may do what, and must not know the Mattermost wire.
//
// # The hot path
//
// A verification does not pass the funnel of package web: it has no request id and
// no line in the log. The header values of a good answer are made once, when the
// credential is first asked for (Render), and are shared by all answers: a header
// map takes the slices as they are, and nobody may change one.
//
// # Paths
//
// Whatever is at or under /verify, as it was sent or as it reads decoded, is
// answered here and by nothing else. What a proxy appends is ignored; a requirement
// that cannot be read with certainty is refused, and never taken for none.
package verify
