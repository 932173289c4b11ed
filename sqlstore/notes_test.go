package sqlstore_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/sqlstore"
)

// failJournal makes the database refuse events of the action "test.note", and mends it.
var failJournal = map[bool][2]string{
	false: {
		`CREATE TRIGGER poison BEFORE INSERT ON journal WHEN NEW.action = 'test.note' BEGIN SELECT RAISE(ABORT, 'no'); END`,
		`DROP TRIGGER poison`,
	},
	true: {`ALTER TABLE journal ADD CONSTRAINT poison CHECK (action <> 'test.note')`, `ALTER TABLE journal DROP CONSTRAINT poison`},
}

func noteOf(target string) jeton.Event {
	return jeton.Event{At: 1, Action: "test.note", Target: target, Detail: jeton.Detail{Refused: true, Count: 3}}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// lines is a log that a test reads while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Notes that could not be written are written later, each once, and take no change with
// them.
func TestNotesAreWrittenLater(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		var log lines
		s := mustOpen(t, sqlstore.Options{URL: url, NoteRetry: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
		db, fail := raw(t, url), failJournal[sqlstore.IsPostgres(url)]
		exec(t, db, fail[0])
		if n := s.Note(noteOf("a"), noteOf("b")); n != 2 {
			t.Fatalf("%d notes taken", n)
		}
		eventually(t, "nothing failed", func() bool { return strings.Contains(log.String(), "could not be written yet") })
		if n := s.Note(noteOf("c")); n != 1 {
			t.Fatalf("%d notes taken", n)
		}
		addUser(t, s, "meanwhile")
		exec(t, db, fail[1])
		eventually(t, "not written", func() bool { return s.Stats().NotesWritten == 3 })
		events, err := s.Events(t.Context(), jeton.EventFilter{Action: "test.note"}, 0, 10)
		if err != nil || len(events) != 3 || s.Stats().NotesDropped != 0 {
			t.Errorf("%+v, %v, %+v", events, err, s.Stats())
		}
		isWhole(t, s)
	})
}

// Notes that can never be written are dropped, and their number is told; at the end, too.
func TestNotesThatAreDropped(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		var log lines
		s := mustOpen(t, sqlstore.Options{URL: url, NoteRetry: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
		exec(t, raw(t, url), failJournal[sqlstore.IsPostgres(url)][0])
		s.Note(noteOf("a"), noteOf("b"))
		n := 0
		eventually(t, "not dropped", func() bool {
			n++
			addUser(t, s, fmt.Sprint("user", n))
			return s.Stats().NotesDropped == 2
		})
		if n < 3 {
			t.Errorf("dropped after %d changes", n)
		}
		held := 5
		for i := range held {
			s.Note(noteOf(fmt.Sprint(i)))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if st := s.Stats(); st.NotesDropped != int64(2+held) || st.NotesWritten != 0 {
			t.Errorf("%+v", st)
		}
		if !strings.Contains(log.String(), "entries=2 refusals=6") {
			t.Errorf("log: %s", log.String())
		}
	})
}
