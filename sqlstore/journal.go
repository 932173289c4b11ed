package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"jeton"
)

const (
	eventColumns = `position, at, actor, via, action, target, detail`

	readHead = `SELECT epoch, position, token_seq, roles_version FROM head WHERE id = 1`

	// Positions have no gaps, so the newest but n is found without walking past n.
	newestEvents = `SELECT ` + eventColumns + ` FROM journal
		WHERE position <= (SELECT h.position FROM head h WHERE h.id = 1) - CAST($1 AS BIGINT)
		ORDER BY position DESC LIMIT $2`
	newestEventsOf = `SELECT ` + eventColumns + ` FROM journal WHERE actor = $1
		ORDER BY position DESC LIMIT $2 OFFSET $3`
	eventsAfter = `SELECT ` + eventColumns + ` FROM journal WHERE position > $1 ORDER BY position LIMIT $2`

	addEvents = `INSERT INTO journal (` + eventColumns + `) VALUES `
)

// head is the row that every group of changes reads first and writes last.
type head struct {
	epoch        string
	position     int64
	tokenSeq     int64
	rolesVersion int64
}

func (h head) public() jeton.Head { return jeton.Head{Epoch: h.epoch, Position: h.position} }

func loadHead(ctx context.Context, src source) (h head, err error) {
	return h, src.one(ctx, readHead, nil, &h.epoch, &h.position, &h.tokenSeq, &h.rolesVersion)
}

func scanEvent(r row) (jeton.Event, error) {
	var e jeton.Event
	var detail string
	err := r.Scan(&e.Position, &e.At, &e.Actor, &e.Via, &e.Action, &e.Target, &detail)
	if err == nil {
		if err = json.Unmarshal([]byte(detail), &e.Detail); err != nil {
			err = fmt.Errorf("event %d: %w", e.Position, err)
		}
	}
	return e, err
}

// eventArgs appends the columns of an event.
func eventArgs(args []any, e jeton.Event) ([]any, error) {
	detail, err := json.Marshal(e.Detail)
	return append(args, e.Position, e.At, clean(e.Actor), clean(e.Via), clean(string(e.Action)), clean(e.Target),
		clean(string(detail))), err
}

// Events implements jeton.JournalReader.
func (r *reader) Events(ctx context.Context, f jeton.EventFilter, offset, limit int64) ([]jeton.Event, error) {
	switch {
	case limit <= 0 || !findable(f.Actor):
		return []jeton.Event{}, nil
	case f.Actor == "":
		return list(ctx, r.src, newestEvents, []any{offset, limit}, scanEvent)
	}
	return list(ctx, r.src, newestEventsOf, []any{f.Actor, limit, offset}, scanEvent)
}

// EventsAfter implements jeton.JournalReader. Most polls find nothing new, and
// the head alone says so.
func (r *reader) EventsAfter(ctx context.Context, position, limit int64) ([]jeton.Event, jeton.Head, error) {
	h, err := loadHead(ctx, r.src)
	if err != nil || h.position <= position || limit <= 0 {
		return []jeton.Event{}, h.public(), err
	}
	var events []jeton.Event
	err = r.look(ctx, func(src source) error {
		if h, err = loadHead(ctx, src); err != nil {
			return err
		}
		events, err = list(ctx, src, eventsAfter, []any{position, limit}, scanEvent)
		return err
	})
	return events, h.public(), err
}
