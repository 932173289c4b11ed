package jobs

import (
	"context"
	"log/slog"
	"time"

	"jeton"
)

const (
	// DefaultKeepRetired is for how many days a retired secret is recognised.
	DefaultKeepRetired = 90
	// DefaultKeepRefusals is for how many days a refusal stays in the journal.
	DefaultKeepRefusals = 90
	// DefaultKeepExpired is for how many days a token that expired is listed.
	DefaultKeepExpired = 30

	cleanEvery = 24 * time.Hour
	retryEvery = 10 * time.Minute // after a failure
	cleanBatch = 250              // rows of either kind in one transaction; changes wait for it
)

// Store is the part of jeton.Store that the cleaner needs.
type Store interface {
	ClearOld(ctx context.Context, o jeton.Old) (removed int64, err error)
}

// Tokens is the part of jeton.Service that the cleaner needs.
type Tokens interface {
	RemoveExpired(ctx context.Context, before int64) (removed int, err error)
}

// Cleaner removes, once a day, counts of uses that are older than jeton.UseDays days,
// secrets that were retired more than KeepRetired days ago, refusals that are older than
// KeepRefusals days from the journal, tokens that expired more than KeepExpired days ago,
// sessions that are over, and addresses that a user did not log in from for jeton.KnownFor.
type Cleaner struct {
	Store        Store
	Tokens       Tokens      // nil: expired tokens stay
	KeepRetired  int         // days
	KeepExpired  int         // days
	KeepRefusals int         // days; 0: DefaultKeepRefusals
	Clock        jeton.Clock // nil: time.Now
	Log          *slog.Logger
}

// Run cleans at once and then once a day, until ctx ends. After an error it tries again
// in ten minutes.
func (c *Cleaner) Run(ctx context.Context) {
	for {
		wait := cleanEvery
		removed, err := c.Clean(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = retryEvery
			c.Log.Warn("old records could not be removed; trying again later", "after", wait, "error", err)
		case removed > 0:
			c.Log.Info("removed old records", "rows", removed)
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

// Clean removes old records, and returns the number of rows. After an error it returns
// the number of those that were removed before.
func (c *Cleaner) Clean(ctx context.Context) (removed int64, err error) {
	clock := c.Clock
	if clock == nil {
		clock = time.Now
	}
	now, refusals := clock(), c.KeepRefusals
	if refusals == 0 {
		refusals = DefaultKeepRefusals
	}
	days := func(n int) int64 { return now.Add(-time.Duration(n) * 24 * time.Hour).UnixMilli() }
	old := jeton.Old{
		UsesBefore:    jeton.DayOf(now.UnixMilli()) - jeton.UseDays + 1,
		RetiredBefore: days(c.KeepRetired),
		RefusedBefore: days(refusals),
		EndedBefore:   now.UnixMilli(),
		KnownBefore:   now.Add(-jeton.KnownFor).UnixMilli(),
		Limit:         cleanBatch,
	}
	for {
		n, err := c.Store.ClearOld(ctx, old)
		removed += n
		if err != nil {
			return removed, err
		}
		if n < old.Limit {
			break
		}
	}
	if c.Tokens == nil {
		return removed, nil
	}
	for {
		n, err := c.Tokens.RemoveExpired(ctx, days(c.KeepExpired))
		removed += int64(n)
		if err != nil || n == 0 {
			return removed, err
		}
	}
}
