// Package apitest starts a whole server for tests: a real store, the service,
// the cache and the wire on a real socket, with password hashes that cost
// nothing and a clock that can be moved. It owns no check of its own; every
// helper fails the test that it was given.
package apitest
