package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"

	"jeton"
)

const (
	// maxPast bounds the events that are held in memory.
	maxPast = 5_000_000
	// commonEvents is how many of the backup's newest events are compared with the list.
	commonEvents = 1000
)

// pastEvent is an event of the journal as "jeton audit list --json" prints it.
type pastEvent struct {
	ID        string              `json:"id"`
	CreateAt  int64               `json:"create_at"`
	Action    string              `json:"action"`
	Target    string              `json:"target"`
	Owner     string              `json:"owner"`
	Also      []string            `json:"also"`
	ExtraInfo string              `json:"extra_info"`
	Refused   bool                `json:"refused"`
	Changes   []jeton.FieldChange `json:"changes"`
}

func (p pastEvent) event() (jeton.Event, error) {
	position, err := strconv.ParseInt(p.ID, 10, 64)
	if err != nil || position <= 0 || p.Action == "" {
		return jeton.Event{}, fmt.Errorf("an entry has the id %q and the action %q, which are not those of an event", p.ID, p.Action)
	}
	return jeton.Event{
		Position: position, At: p.CreateAt, Action: jeton.Action(p.Action), Target: p.Target,
		Detail: jeton.Detail{Owner: p.Owner, Also: p.Also, Note: p.ExtraInfo, Refused: p.Refused, Changes: p.Changes},
	}, nil
}

// errList says what is wrong with the list of revocations.
var errList = errors.New("the list of revocations cannot be used")

// readRevocations reads the list of a server's events, and returns those behind a backup
// of which store is the database. It refuses a list of another server's events, and one
// in which events behind the backup are missing.
func readRevocations(ctx context.Context, path string, store jeton.Store) (*jeton.Revocations, error) {
	head, err := store.Head(ctx)
	if err != nil {
		return nil, err
	}
	common, err := store.Events(ctx, jeton.EventFilter{}, 0, commonEvents)
	if err != nil {
		return nil, err
	}
	l := pastList{after: head.Position, common: map[int64]jeton.Event{}, events: map[int64]jeton.Event{}}
	for _, e := range common {
		l.common[e.Position] = e
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errList, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	if err := l.read(f); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errList, path, err)
	}
	return l.revocations(path)
}

// pastList is a list of a server's events, as it is read.
type pastList struct {
	after  int64                 // the position of the backup
	common map[int64]jeton.Event // events of the backup
	events map[int64]jeton.Event // those behind it
	met    int                   // how many of common are in the list
}

// read reads arrays of events, one after the other.
func (l *pastList) read(r io.Reader) error {
	d := json.NewDecoder(r)
	for first := true; ; first = false {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && !first {
			return nil
		}
		if err != nil || token != json.Delim('[') {
			return errors.New(`it is not what "jeton audit list --json" prints`)
		}
		for d.More() {
			var p pastEvent
			if err := d.Decode(&p); err != nil {
				return fmt.Errorf("it cannot be read: %w", err)
			}
			e, err := p.event()
			if err != nil {
				return err
			}
			if err := l.add(e); err != nil {
				return err
			}
		}
		if _, err := d.Token(); err != nil {
			return errors.New("it was cut off")
		}
	}
}

func (l *pastList) add(e jeton.Event) error {
	if e.Position > l.after {
		if len(l.events) == maxPast {
			return fmt.Errorf("it has more than %d events behind the backup", maxPast)
		}
		if was, twice := l.events[e.Position]; twice && (was.At != e.At || was.Action != e.Action || was.Target != e.Target) {
			return fmt.Errorf("it has two different events at position %d", e.Position)
		}
		l.events[e.Position] = e
		return nil
	}
	same, known := l.common[e.Position]
	if !known {
		return nil
	}
	if same.At != e.At || same.Action != e.Action || same.Target != e.Target {
		return fmt.Errorf("its event at position %d is not that of the backup: it is the list of another server, or of another time", e.Position)
	}
	l.met++
	return nil
}

// revocations puts the events in their order.
func (l *pastList) revocations(path string) (*jeton.Revocations, error) {
	if l.met == 0 && len(l.common) > 0 {
		return nil, fmt.Errorf("%w: %s has no event of the backup, so events behind it may be missing: make it by \"jeton audit list --limit 0 --json\"", errList, path)
	}
	next := l.after
	var r jeton.Revocations
	for _, position := range slices.Sorted(maps.Keys(l.events)) {
		if next++; position != next {
			return nil, fmt.Errorf("%w: %s lacks the events from position %d to %d: make it by \"jeton audit list --limit 0 --json\" "+
				"(a server that removed old refusals from its journal lacks them for good)", errList, path, next, position-1)
		}
		if err := r.Add(l.events[position]); err != nil {
			return nil, fmt.Errorf("%w: %w", errList, err)
		}
	}
	return &r, nil
}
