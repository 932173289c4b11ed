package jobs

import (
	"context"
	"log/slog"
	"time"

	"jeton"
)

const (
	// DefaultKeepRetired is how many days a retired secret is recognised.
	DefaultKeepRetired = 90

	cleanEvery = 24 * time.Hour
	retryEvery = 10 * time.Minute // after a failure
	cleanBatch = 250              // rows of either kind in one transaction, as few as changes wait for gladly
)

// Store is what is cleaned.
type Store interface {
	ClearOld(ctx context.Context, o jeton.Old) (removed int64, err error)
}

// Cleaner clears away, once a day, counts of uses that are older than
// jeton.UseDays and secrets that were retired long ago.
type Cleaner struct {
	Store       Store
	KeepRetired int         // days
	Clock       jeton.Clock // nil: time.Now
	Log         *slog.Logger
}

// Run cleans at once and then once a day, until ctx ends.
func (c *Cleaner) Run(ctx context.Context) {
	for {
		wait := cleanEvery
		removed, err := c.Clean(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = retryEvery
			c.Log.Warn("what is old could not be cleared away; it will be tried again", "after", wait, "error", err)
		case removed > 0:
			c.Log.Info("cleared away old uses and retired secrets", "rows", removed)
		}
		next := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		}
	}
}

// Clean clears away what is old now, and returns how many rows that were.
func (c *Cleaner) Clean(ctx context.Context) (removed int64, err error) {
	clock := c.Clock
	if clock == nil {
		clock = time.Now
	}
	now := clock()
	old := jeton.Old{
		UsesBefore:    jeton.DayOf(now.UnixMilli()) - jeton.UseDays + 1,
		RetiredBefore: now.Add(-time.Duration(c.KeepRetired) * 24 * time.Hour).UnixMilli(),
		Limit:         cleanBatch,
	}
	for {
		n, err := c.Store.ClearOld(ctx, old)
		removed += n
		if err != nil || n < old.Limit {
			return removed, err
		}
	}
}
