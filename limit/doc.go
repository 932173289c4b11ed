// Package limit bounds how often a client may do something: fail to log in, guess
// a secret, revoke by a secret alone, ask for verifications, fill the journal with
// refusals. It owns the one kind of rate limit, the rules that the server always
// has, and what counts as one client (Network). It must not know any route, any
// store, or what an answer looks like beyond the values of the RateLimit headers.
//
// A Rule is data: how many places a key has, and how they come back. A Limiter
// applies one rule to many keys. Limits are kept in the memory of one node: nodes
// do not share them, and a restart forgets them.
//
// The limiter is our own. golang.org/x/time/rate limits one key and tells neither
// what is left nor when all of it is back, which the RateLimit headers need.
// throttled counts with GCRA too, but can give no place back, so it cannot count
// failures alone, and its stores allocate for each request. The bounded store is our own
// because golang-lru and otter evict by use: a client that is refused all the time
// is used most, but a client that used up its places once and then waits is used
// least, and must not be forgotten first. Here a key goes earlier, the less it owes.
package limit
