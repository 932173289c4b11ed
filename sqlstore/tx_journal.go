package sqlstore

import (
	"context"

	"jeton"
)

// The events of a group are written at its end, so inside a change the newest
// of them are still in memory, and the head in the database is behind.

// Events implements jeton.JournalReader inside a change.
func (t *tx) Events(ctx context.Context, f jeton.EventFilter, offset, limit int64) ([]jeton.Event, error) {
	out := []jeton.Event{}
	pending := t.group.events
	for i := len(pending) - 1; i >= 0 && int64(len(out)) < limit; i-- {
		if f.Actor != "" && f.Actor != pending[i].Actor {
			continue
		}
		if offset > 0 {
			offset--
			continue
		}
		out = append(out, pending[i])
	}
	rest, err := t.reader.Events(ctx, f, offset, limit-int64(len(out)))
	return append(out, rest...), err
}

// EventsAfter implements jeton.JournalReader inside a change.
func (t *tx) EventsAfter(ctx context.Context, position, limit int64) ([]jeton.Event, jeton.Head, error) {
	out, _, err := t.reader.EventsAfter(ctx, position, limit)
	for _, e := range t.group.events {
		if e.Position > position && int64(len(out)) < limit {
			out = append(out, e)
		}
	}
	return out, t.group.head.public(), err
}
