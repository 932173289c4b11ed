package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"jeton"
)

const (
	eventColumns = `position, at, actor, via, action, target, detail`

	readHead = `SELECT epoch, position, token_seq, roles_version FROM head WHERE id = 1`

	eventsAfter = `SELECT h.epoch, h.position, e.position, e.at, e.actor, e.via, e.action, e.target, e.detail
		FROM head h LEFT JOIN (
			SELECT ` + eventColumns + ` FROM journal WHERE position > $1 ORDER BY position LIMIT $2
		) AS e ON TRUE WHERE h.id = 1 ORDER BY e.position`

	addEvents = `INSERT INTO journal (` + eventColumns + `, owner, refused) VALUES `
)

// head is the row that every group of changes reads first and writes last.
type head struct {
	epoch        string
	position     int64
	tokenSeq     int64
	rolesVersion int64
}

func (h head) public() jeton.Head { return jeton.Head{Epoch: h.epoch, Position: h.position} }

var errNoHead = errors.New("the database has no head of the journal: it is not whole")

func scanHead(r row) head { return head{r.text(0), r.int(1), r.int(2), r.int(3)} }

func loadHead(ctx context.Context, src source) (h head, err error) {
	err = one(ctx, src, stmt(readHead), func(r row) { h = scanHead(r) })
	if errors.Is(err, jeton.ErrNotFound) {
		err = errNoHead
	}
	return h, err
}

// scanEvent reads eventColumns from a column on.
func scanEvent(r row, from int) (jeton.Event, error) {
	e := jeton.Event{
		Position: r.int(from), At: r.int(from + 1), Actor: r.text(from + 2), Via: r.text(from + 3),
		Action: jeton.Action(r.text(from + 4)), Target: r.text(from + 5),
	}
	if err := json.Unmarshal(r.appendText(nil, from+6), &e.Detail); err != nil {
		return e, fmt.Errorf("event %d: %w", e.Position, err)
	}
	return e, nil
}

// eventArgs appends the columns of an event.
func eventArgs(args []any, e jeton.Event) ([]any, error) {
	detail, err := json.Marshal(e.Detail)
	return append(args, e.Position, e.At, clean(e.Actor), clean(e.Via), clean(string(e.Action)), clean(e.Target),
		clean(string(detail)), clean(e.Detail.Owner), e.Detail.Refused), err
}

// Head implements jeton.CredentialReader.
func (s *Store) Head(ctx context.Context) (jeton.Head, error) {
	h, err := loadHead(ctx, s.quick)
	return h.public(), err
}

// EventsAfter implements jeton.CredentialReader. The head is read with the events,
// in one statement: it is in every row, and alone in the only one when there is none.
func (s *Store) EventsAfter(ctx context.Context, position, limit int64) (events []jeton.Event, h jeton.Head, err error) {
	events = []jeton.Event{}
	err = s.quick.query(ctx, stmt(eventsAfter, position, max(limit, 0)), func(r row) error {
		h = jeton.Head{Epoch: r.text(0), Position: r.int(1)}
		if r.null(2) {
			return nil
		}
		e, err := scanEvent(r, 2)
		events = append(events, e)
		return err
	})
	if err == nil && h.Epoch == "" {
		err = errNoHead
	}
	return events, h, err
}
