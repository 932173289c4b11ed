// Package limit bounds how often a client may do something: fail to log in, guess
// a secret, revoke by a secret alone, ask for verifications, fill the journal with
// refusals. It owns the one kind of rate limit, the rules that the server always
// has, and the definition of one client (Network). It must not know any route, any
// store, or the form of an answer, except the values of the RateLimit headers.
//
// A Rule is data: how many places a key has, and how they come back. A Limiter
// applies one rule to many keys. Its state is in the memory of one node: nodes do
// not share it, and a restart clears it.
//
// The limiter is our own. golang.org/x/time/rate limits one key and returns neither
// what is left nor when all of it is back, which the RateLimit headers need.
// throttled counts with GCRA too, but cannot give a place back, so it cannot count
// only failures, and its stores allocate for each request. The bounded store is our own
// because golang-lru and otter evict by use: a client that used
// up its places and then waits would be evicted first, and could start again. Here the
// key with the least debt is evicted first.
package limit
