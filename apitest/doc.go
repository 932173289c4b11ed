// Package apitest starts a node for tests, on a real database and a real socket, with
// cheap password hashes and a clock that tests can move. It owns the helpers that tests
// of several packages share. It must not hold a check of what the server does, and must
// not connect the parts of a server: that is the business of package node. A helper
// fails the test that it was given.
package apitest
