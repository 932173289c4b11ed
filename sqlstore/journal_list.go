package sqlstore

import (
	"context"

	"jeton"
)

// The cleaner removes old refusals from the journal, and that leaves gaps in the
// positions. So that the newest event but n is still found without walking past n,
// token_count also holds how many events were removed of each stretch of 16,384
// positions, at level -1. They are written with the removal.
const (
	// gaps are the stretches with gaps above and in which the page begins: the lowest of
	// which no more than the offset lie above. low and high are its positions, has is how
	// many events it has, rest how many of them, or of those below, are to be skipped.
	gaps = `WITH gap AS (
			SELECT c.bucket * 16384 AS low, c.n AS n, h.position AS last,
				CAST(SUM(c.n) OVER (ORDER BY c.bucket DESC) AS BIGINT) - c.n AS above
			FROM token_count c CROSS JOIN head h WHERE c.level = -1 AND h.id = 1
		), part AS (
			SELECT low, n, last, above, CASE WHEN last < low + 16383 THEN last ELSE low + 16383 END AS high FROM gap
		), place AS (
			SELECT low, high, high - low + 1 - n AS has, CAST($1 AS BIGINT) - (last - high - above) AS rest
			FROM part WHERE last - high - above <= CAST($1 AS BIGINT) ORDER BY low LIMIT 1
		) `
	newestEvents = gaps + `SELECT ` + eventColumns + ` FROM journal
		WHERE position <= COALESCE((SELECT CASE WHEN rest < has THEN high ELSE low - 1 - (rest - has) END FROM place),
			(SELECT h.position FROM head h WHERE h.id = 1) - CAST($1 AS BIGINT))
		ORDER BY position DESC LIMIT $2 OFFSET COALESCE((SELECT CASE WHEN rest < has THEN rest ELSE 0 END FROM place), 0)`

	oldRefused = `SELECT o.position FROM journal o WHERE o.refused AND o.at < $1
		AND o.position < (SELECT h.position FROM head h WHERE h.id = 1) ORDER BY o.at, o.position LIMIT $2`
	countRefused = `INSERT INTO token_count (level, bucket, n)
		SELECT -1, old.position / 16384, COUNT(*) FROM (` + oldRefused + `) AS old WHERE TRUE GROUP BY old.position / 16384` + onCounted
	deleteRefused = `DELETE FROM journal WHERE position IN (` + oldRefused + `)`

	missingEvents = `SELECT (SELECT h.position FROM head h WHERE h.id = 1) - COUNT(*)
		- (SELECT CAST(COALESCE(SUM(c.n), 0) AS BIGINT) FROM token_count c WHERE c.level = -1) FROM journal`
)

// Events implements jeton.JournalReader.
func (s *Store) Events(ctx context.Context, f jeton.EventFilter, offset, limit int64) ([]jeton.Event, error) {
	st, nothing := eventsStatement(f, offset, limit)
	if nothing {
		return []jeton.Event{}, nil
	}
	return list(ctx, s.lists, st, func(r row) (jeton.Event, error) { return scanEvent(r, 0) })
}

// eventsStatement returns the statement for a page of events, or that there are none.
func eventsStatement(f jeton.EventFilter, offset, limit int64) (st statement, nothing bool) {
	if f == (jeton.EventFilter{}) {
		return stmt(newestEvents, offset, limit), limit <= 0
	}
	var w where
	order := "position DESC"
	if f.Refused != nil && *f.Refused {
		w.add("refused")
		if f.Actor == "" && f.Owner == "" && f.Target == "" {
			order = "at DESC, position DESC" // along the index of refusals
		}
	} else if f.Refused != nil {
		w.add("NOT refused")
	}
	for _, c := range []struct{ condition, value string }{
		{"actor = ?", f.Actor}, {"owner <> '' AND owner = ?", f.Owner}, {"target = ?", f.Target}, {"action = ?", string(f.Action)},
	} {
		if c.value != "" {
			w.addWith(c.condition, c.value)
		}
	}
	if offset >= deepOffset { // there are no more events than the last one's position says
		w.addWith("(SELECT h.position FROM head h WHERE h.id = 1) > ?", offset)
	}
	text := `SELECT ` + eventColumns + ` FROM journal` + w.page(order, offset, limit)
	return stmtOnce(text, w.args...), w.nothing || limit <= 0
}

// clearRefused removes refusals from before a time, and counts them as removed.
func clearRefused(ctx context.Context, w link, before, limit int64) (removed int64, err error) {
	if _, err := w.exec(ctx, stmt(countRefused, before, limit)); err != nil {
		return 0, err
	}
	return w.exec(ctx, stmt(deleteRefused, before, limit))
}
