// Package sqlstore keeps everything in SQLite or in PostgreSQL: one SQL text for both,
// by each one's native driver. sqlite*.go and postgres*.go hold what differs:
// connections, statements, locks.
//
// It owns the schema (migrations/, migrate_tokens.go), the order of changes
// (committer.go, group.go), the counts that make deep pages cheap (counts.go, page.go)
// and bulk loading (seed*.go). It holds no rule of permissions, and must not: rules
// live in package jeton. database/sql serves migrations alone.
//
// # Writing
//
// All changes of a process go through one goroutine, the committer. It takes the
// changes that wait into one transaction, so that one fsync serves many; group.go tells
// how a change is undone without its neighbours. The transaction holds the database's
// write lock from before its first read until COMMIT: on SQLite that of the file, on
// PostgreSQL that of the row of head. So positions of the journal, counted up in memory,
// are the order of commits on all nodes. A change is answered after COMMIT only. Uses of
// tokens, and the clearing away of what is old, are transactions of the same goroutine,
// behind the changes that wait.
//
// # Reading
//
// Reads go to pools of their own and wait for no change. They obey their context and a
// deadline, both while they wait for a connection and while they run. What every request
// depends on (credentials, users, roles, the journal's end) has a pool to itself.
//
// # The traps of two databases
//
// LIKE folds case on SQLite only, and LOWER() there folds ASCII only: what is
// searched is folded in Go, both column and term. NULLs sort differently: no
// nullable column is sorted by. PostgreSQL takes the type of a parameter from
// what stands beside it, a literal making it int4: no parameter stands beside
// a literal without a cast. PostgreSQL's collations differ by cluster: all its
// text is COLLATE "C". SUM of BIGINT is NUMERIC there: sums are cast back. The process
// must never open and close the SQLite file or its -shm by itself: that would drop the
// locks that SQLite holds on them.
package sqlstore
