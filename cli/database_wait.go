package cli

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"jeton/metrics"
	"jeton/node"
	"jeton/sqlstore"
)

const (
	waitStep  = 250 * time.Millisecond // between two tries, at first
	waitSteps = time.Second            // later
	waitLines = 10 * time.Second       // between two lines of the log
)

// waitForNode opens the node that the flags describe. It waits for a database that is not
// up yet, as long as the flags say.
func waitForNode(ctx context.Context, f serveFlags, m *metrics.Metrics, log *slog.Logger) (*node.Node, error) {
	if err := prepareDatabase(f.db); err != nil {
		return nil, err
	}
	began := time.Now()
	step, logged := waitStep, time.Time{}
	for {
		n, err := openNode(ctx, f, m, log)
		waited := time.Since(began).Round(time.Millisecond)
		switch {
		case err == nil && !logged.IsZero():
			log.Info("the database is up", "waited", waited)
			return n, nil
		case err == nil || f.dbWait == 0 || !sqlstore.NotUp(err):
			return n, explainOpen(f.db, err)
		case waited >= f.dbWait:
			return nil, explainOpen(f.db, fmt.Errorf("it did not come up within %s: %w", f.dbWait, err))
		}
		if logged.IsZero() || time.Since(logged) >= waitLines {
			logged = time.Now()
			log.Warn("waiting for the database", "waited", waited, "at_most", f.dbWait, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(step, max(f.dbWait-waited, time.Millisecond))):
		}
		step = min(2*step, waitSteps)
	}
}
