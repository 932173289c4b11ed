// Package sqlstore keeps everything in SQLite or in PostgreSQL: one SQL text
// for both, and one file each, sqlite.go and postgres.go, for what differs.
//
// It owns the schema (migrations/), the order of changes (committer.go), the
// counts that make deep pages cheap (counts.go) and bulk loading (seed.go). It
// holds no rule of who may do what, and must not: rules live in package jeton.
//
// # Writing
//
// All changes of a process go through one goroutine, the committer. It takes
// what waits into one transaction, each change under a savepoint, so that an
// error undoes one change alone and one fsync serves many. The transaction
// holds the database's write lock from before its first look until COMMIT; so
// positions of the journal, counted up in memory, are the order of commits on
// all nodes. A change is answered after COMMIT only. Uses of tokens, and the
// clearing away of what is old, are transactions of the same goroutine, behind
// the changes that wait.
//
// # Reading
//
// Reads go to a pool of their own and wait for no change. A tx inside a change
// reads by the same code, over the committer's connection.
//
// # The traps of two databases
//
// LIKE folds case on SQLite only, and LOWER() there folds ASCII only: what is
// searched is folded in Go, both column and term. NULLs sort differently: no
// nullable column is sorted by. PostgreSQL takes the type of a parameter from
// what stands beside it, a literal making it int4: no parameter stands beside
// a literal without a cast. PostgreSQL's collations differ by cluster: all its
// text is COLLATE "C".
package sqlstore
