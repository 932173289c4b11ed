package sqlstore

import (
	"context"
	"time"

	"jeton"
)

// Notes are events that go with no change. Those of a group that failed are written
// again alone, so that a note that cannot be written fails no change. Until then no other
// note is taken from the queue, and Note says when it is full. A note whose COMMIT was not
// answered may so be written twice; none is lost before the process ends, or without a
// number.

const (
	maxNotes  = 1024 // notes that wait
	noteBatch = 64   // notes written at once

	noteTries = 3 // of writing, while the database takes changes
)

// failedNotes are the notes of a group that failed.
type failedNotes struct {
	events []jeton.Event
	wait   time.Duration // before the next attempt
	tries  int
	told   bool             // the log tells that they wait
	wrote  bool             // the database took a change since the last attempt
	again  <-chan time.Time // when to try again; nil: there are none
}

// add adds notes to be tried again after a while; retry at once.
func (f *failedNotes) add(events []jeton.Event)   { f.addAfter(events, f.wait) }
func (f *failedNotes) retry(events []jeton.Event) { f.addAfter(events, 0) }

func (f *failedNotes) addAfter(events []jeton.Event, wait time.Duration) {
	if f.events = append(f.events, events...); len(f.events) > 0 && f.again == nil {
		f.again = time.After(wait)
	}
}

// queuedNotes returns the queue of notes, or nil while failed ones have to be written first.
func (c *committer) queuedNotes() <-chan jeton.Event {
	if len(c.failed.events) > 0 {
		return nil
	}
	return c.notes
}

// waitingNotes adds notes that wait.
func (c *committer) waitingNotes(notes []jeton.Event) []jeton.Event {
	queue := c.queuedNotes()
	for len(notes) < noteBatch {
		select {
		case e := <-queue:
			notes = append(notes, e)
		default:
			return notes
		}
	}
	return notes
}

// rewriteNotes writes the failed notes in a group of their own.
func (c *committer) rewriteNotes() {
	events := c.failed.events
	c.failed.events, c.failed.again = nil, nil
	g, err := c.begin(context.Background(), nil)
	if err != nil {
		c.failed.add(events)
		return
	}
	g.note(events)
	g.finish()
	if g.fate == fateOpen {
		c.failed.tries, c.failed.told = 0, false
		c.gauge.notesWritten.Add(int64(len(events)))
		return
	}
	c.disconnect()
	if !c.failed.told {
		c.failed.told = true
		c.log.Warn("database: entries of the journal could not be written yet", "entries", len(events), "error", g.lost)
	}
	if c.failed.wrote {
		c.failed.tries++
	}
	if c.failed.wrote = false; c.failed.tries < noteTries {
		c.failed.add(events)
		return
	}
	c.failed.tries, c.failed.told = 0, false
	c.dropNotes(events, g.lost)
}

// endNotes makes a last attempt, and gives up all notes if that fails.
func (c *committer) endNotes() {
	if len(c.failed.events) == 0 {
		return
	}
	c.rewriteNotes()
	left := c.failed.events
	if c.failed.events = nil; len(left) == 0 {
		return
	}
	for {
		select {
		case e := <-c.notes:
			left = append(left, e)
		default:
			c.dropNotes(left, errClosed)
			return
		}
	}
}

// dropNotes counts notes that will not be written.
func (c *committer) dropNotes(events []jeton.Event, why error) {
	refusals := 0
	for _, e := range events {
		refusals += max(1, e.Detail.Count)
	}
	c.gauge.notesDropped.Add(int64(len(events)))
	c.log.Error("database: entries of the journal were dropped", "entries", len(events), "refusals", refusals, "error", why)
}
