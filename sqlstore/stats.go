package sqlstore

import (
	"context"
	"sync/atomic"
	"time"
)

// Stats is what a store can say of how it does.
type Stats struct {
	Queued int64 // changes that wait to be begun
	Behind int64 // pieces of work that wait behind changes
	// Notes are events that go with no change, since the store was opened: Note took
	// them, and they were written, or could not be.
	NotesWritten, NotesDropped int64
	// Read serves lists and searches, Verification what every request may have to wait
	// for. Write is the one connection of the committer, in use while a transaction
	// is under way; what waits for it are changes and the work behind them.
	Read, Verification, Write Pool
}

// Pool is the state of some connections to the database.
type Pool struct {
	Max, Open, InUse int
	Waits            int64         // for one, since the store was opened
	Waited           time.Duration // and how long in all
}

// Stats says how the store does. It asks memory alone.
func (s *Store) Stats() Stats {
	g := &s.committer.gauge
	return Stats{
		Queued: g.queued.Load(), Behind: g.behind.Load(),
		NotesWritten: g.notesWritten.Load(), NotesDropped: g.notesDropped.Load(),
		Read: s.lists.stats(), Verification: s.quick.stats(),
		Write: Pool{Max: 1, Open: oneIf(&g.open), InUse: oneIf(&g.busy), Waits: g.waits.Load(), Waited: time.Duration(g.waited.Load())},
	}
}

func oneIf(b *atomic.Bool) int {
	if b.Load() {
		return 1
	}
	return 0
}

// Schema returns the version that the database's schema has now, and the one that
// this program knows. It is also the way to see whether the database answers.
func (s *Store) Schema(ctx context.Context) (has, known int64, err error) {
	has, err = number(ctx, s.quick, stmt(latestVersion))
	return has, knownVersion, err
}

// committerGauge is what the committer and those who wait for it note down.
type committerGauge struct {
	queued, behind atomic.Int64 // who waits now
	waits, waited  atomic.Int64 // who had to, and nanoseconds
	open, busy     atomic.Bool  // a connection, work on it

	notesWritten, notesDropped atomic.Int64
}

// wait counts a caller that waits among these, until the function is called.
func (g *committerGauge) wait(among *atomic.Int64) (over func()) {
	began := time.Now()
	among.Add(1)
	g.waits.Add(1)
	return func() {
		among.Add(-1)
		g.waited.Add(int64(time.Since(began)))
	}
}

// tell tells who asked of a group that was not lost.
func (g *committerGauge) tell(grouped func(changes int), of *group) {
	if grouped != nil && len(of.changes) > 0 {
		grouped(len(of.changes))
	}
}
