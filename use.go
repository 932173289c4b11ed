package jeton

import "time"

const (
	// UseBatch is how many uses are written in one transaction: a row of the token
	// and one of the day for each, 500 rows in all.
	UseBatch = 250
	// UseDays is on how many days, the present one among them, the number of uses
	// is kept.
	UseDays = 90

	dayMillis = int64(24 * time.Hour / time.Millisecond)
)

// Use is that a token was used, once or more often, within one day.
type Use struct {
	TokenID string
	At      int64  // the last time, Unix milliseconds; all of them lie on its day
	Address string // where the last one came from of which that is known; empty: of none
	Count   int64  // how often
}

// TokenUses is what is known of a token's use.
type TokenUses struct {
	TokenID    string
	LastUsedAt int64  // 0: never
	Address    string // where the last use came from of which that is known; empty: of none
	Days       []UseDay
}

// UseDay is how often a token was used on one day.
type UseDay struct {
	Day  int64 // as DayOf counts
	Uses int64
}

// DayOf returns the day on which a time (Unix milliseconds) lies: the number of
// days in UTC since the first of January 1970.
func DayOf(at int64) int64 { return at / dayMillis }

// DayStart returns when a day begins, in Unix milliseconds.
func DayStart(day int64) int64 { return day * dayMillis }

// Old says what need not be kept any longer.
type Old struct {
	UsesBefore    int64 // a day: uses on earlier ones
	RetiredBefore int64 // Unix milliseconds: secrets that were retired earlier
	Limit         int64 // rows of either that are removed at once
}
