package sqlstore

import "context"

// link is the one connection that changes go through. It is used by one
// goroutine at a time.
type link interface {
	source // reads see what was sent before them

	// exec runs a constant text and returns how many rows it touched; execOnce
	// one that was put together for this call.
	exec(ctx context.Context, text string, args ...any) (int64, error)
	execOnce(ctx context.Context, text string, args ...any) (int64, error)

	// send is exec for a statement whose outcome nobody waits for: it may be held
	// back and travel with the next one, and its error may be that one's. flush
	// sends what is held back. holding
	// reports whether anything is. forget drops it instead, from the last such text
	// on if that is held, which it reports, else all of it.
	send(ctx context.Context, text string, args ...any) error
	flush(ctx context.Context) error
	holding() bool
	forget(from string) bool

	// ahead runs reads that will be asked for anyway, all in one trip; where
	// reads do not travel, it leaves them to be asked for.
	ahead(ctx context.Context, all []reading) error

	// begin starts a transaction that holds the write lock of the database: what
	// it reads, nobody else changes until it ends. bounded: the work may not take
	// longer than a group ever should. ended must follow.
	begin(ctx context.Context, bounded bool) error
	ended()

	// values returns the placeholders of rows for an INSERT of many.
	values(rows, width int) string
	// release gives up a savepoint that went well; empty: not worth a statement.
	release() string

	// close ends the link; discard too, where its state is not known.
	close()
	discard()
}

// reading is a read, and what takes its rows.
type reading struct {
	text string
	args []any
	scan func(row) error
}
