package sqlstore

import (
	"crypto/rand"
	"io"
	"log/slog"
	"strings"
	"time"

	"jeton"
)

// Options says what to open, and with what.
type Options struct {
	URL     string       // the path of the SQLite file, or postgres://...
	Log     *slog.Logger // nil: discards
	Clock   jeton.Clock  // nil: time.Now
	Random  io.Reader    // nil: crypto/rand; only ids and epochs are drawn from it
	Readers int          // connections for reading; 0: 3 on SQLite, 10 on PostgreSQL
	// Quick is how many connections more are for the reads that every request may
	// have to wait for; 0: 2 on SQLite, 4 on PostgreSQL.
	Quick int
	// Admin opens beside a running server: it takes no lock file, and waits up
	// to 30 s for its turn to write.
	Admin bool
	// Idle is after how long PostgreSQL ends a transaction whose node is silent; 0: 1 s.
	Idle time.Duration
	// NoteRetry is how long notes that could not be written wait for another attempt;
	// 0: 1 s.
	NoteRetry time.Duration
	// Progress, if not nil, hears how far a long migration is: rows done, and rows in all.
	Progress func(done, total int64)
	// Grouped hears of each transaction of changes that was not lost, and how many it
	// held. It must not block. It may be nil.
	Grouped func(changes int)
}

const (
	// readTime bounds every read of a request.
	readTime = 5 * time.Second
	forever  = 365 * 24 * time.Hour
)

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Idle == 0 {
		o.Idle = time.Second
	}
	if o.NoteRetry == 0 {
		o.NoteRetry = time.Second
	}
	if o.Readers == 0 {
		o.Readers = 3
		if IsPostgres(o.URL) {
			o.Readers = 10
		}
	}
	if o.Quick == 0 {
		o.Quick = 2
		if IsPostgres(o.URL) {
			o.Quick = 4
		}
	}
	return o
}

func (o Options) now() int64 { return o.Clock().UnixMilli() }

// IsPostgres reports whether a database URL means PostgreSQL: everything else
// is the path of a SQLite file.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}
