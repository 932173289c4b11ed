package jeton

import "time"

const (
	// UseBatch is the most uses that one transaction writes. Each changes two rows, one
	// of the token and one of the day.
	UseBatch = 250
	// UseDays is the number of days, with the present one, for which uses are counted.
	UseDays = 90

	dayMillis = int64(24 * time.Hour / time.Millisecond)
)

// Use is the uses of a token on one day that are written together.
type Use struct {
	TokenID string
	At      int64  // of the last use, in Unix milliseconds; all uses are of its day
	Address string // the client's, of the last use with a known address; empty: none is known
	Count   int64  // the number of uses
}

// TokenUses is the record of the uses of a token.
type TokenUses struct {
	TokenID    string
	LastUsedAt int64  // 0: never
	Address    string // the client's, of the last use with a known address; empty: none is known
	Days       []UseDay
}

// UseDay is the number of uses of a token on one day.
type UseDay struct {
	Day  int64 // as DayOf returns it
	Uses int64
}

// DayOf returns the day of a time in Unix milliseconds: the number of days since 1
// January 1970, in UTC.
func DayOf(at int64) int64 { return at / dayMillis }

// DayStart returns the beginning of a day, in Unix milliseconds.
func DayStart(day int64) int64 { return day * dayMillis }

// Old selects rows that are no longer needed.
type Old struct {
	UsesBefore    int64 // a day: uses of earlier days
	RetiredBefore int64 // Unix milliseconds: secrets that were retired before
	RefusedBefore int64 // Unix milliseconds: refusals in the journal before; its last event stays
	EndedBefore   int64 // Unix milliseconds: sessions that expired before
	KnownBefore   int64 // Unix milliseconds: addresses that a user last logged in from before
	Limit         int64 // the most rows of each kind that one transaction removes
}
