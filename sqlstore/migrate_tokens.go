package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"jeton"
)

// tokensBySeq is the version of the schema that lays tokens in the order of their
// creation: the key of table token is seq, and an index finds those of an owner. The
// step is a program, not a text of SQL: it tells how far it is, and which row stopped
// it. It runs in one transaction.
const tokensBySeq = 3

// ErrUnmovable says that a row of a database of an earlier version stops its migration.
var ErrUnmovable = errors.New("a row stops the migration")

// moveBatch is how many tokens are moved between two reports of progress.
const moveBatch = 10_000

const movedColumns = `seq, user_id, id, description, is_active, create_at, expires_at, last_used_at,
	scopes, created_by, created_via, hint, last_used_address`

// tokenRebuild is what differs between the databases.
type tokenRebuild struct {
	lock      []string // keeps the changes of other nodes out, as their committers do
	create    string   // makes the empty table token_moved
	unmovable string   // asks for the id of a token that cannot be moved
	finish    []string // makes token_moved the table token, with its indexes
}

// tokenMove is the step under way.
type tokenMove struct {
	tokenRebuild
	options Options
}

func (m tokenMove) run(ctx context.Context, tx *sql.Tx) error {
	if err := m.makeHead(ctx, tx); err != nil {
		return err
	}
	for _, text := range m.lock {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, m.create); err != nil {
		return err
	}
	if err := m.copy(ctx, tx); err != nil {
		return err
	}
	for _, text := range m.finish {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// movable fails with the id of a token that stops the step, before any step is taken:
// the database is then left as it was.
func movable(ctx context.Context, e engine) error {
	var id string
	err := e.snapshot(ctx, func(src source) error { // without a deadline: it may read all tokens
		return one(ctx, src, stmt(e.rebuild().unmovable), func(r row) { id = r.text(0) })
	})
	switch {
	case err == nil:
		return fmt.Errorf("%w: the token with the id %q has no place in the order of creation, its seq is not a number above 0; "+
			"repair or delete that row of table token, and start again", ErrUnmovable, id)
	case errors.Is(err, jeton.ErrNotFound):
		return nil
	}
	return err
}

// makeHead gives a new database its head of the journal.
func (m tokenMove) makeHead(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO head (id, epoch, position, token_seq, roles_version) VALUES (1, $1, 0, 0, 0)
		ON CONFLICT (id) DO NOTHING`, jeton.NewID(m.options.Clock(), m.options.Random))
	return err
}

// copy moves the tokens in the order of their creation, which is then the order in
// which they lie.
func (m tokenMove) copy(ctx context.Context, tx *sql.Tx) error {
	var total, done, last int64
	if err := tx.QueryRowContext(ctx, countTokens).Scan(&total); err != nil {
		return err
	}
	for done < total {
		result, err := tx.ExecContext(ctx, `INSERT INTO token_moved (`+movedColumns+`) SELECT `+movedColumns+`
			FROM token WHERE seq > $1 ORDER BY seq LIMIT $2`, last, moveBatch)
		if err != nil {
			return fmt.Errorf("move the tokens after number %d: %w", last, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if done += n; n == 0 {
			return fmt.Errorf("%d of %d tokens could be moved", done, total)
		}
		if err := tx.QueryRowContext(ctx, `SELECT MAX(seq) FROM token_moved`).Scan(&last); err != nil {
			return err
		}
		m.options.Progress(done, total)
	}
	return nil
}
