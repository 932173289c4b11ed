package limit_test

import "time"

// at is a clock that a test moves.
type at struct{ time.Time }

func start() *at { return &at{time.UnixMilli(1_700_000_000_000)} }

func (a *at) advance(d time.Duration) { a.Time = a.Add(d) }
