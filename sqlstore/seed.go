package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"jeton"
)

// ErrNotEmpty says that a database has users already: only a new one is seeded.
var ErrNotEmpty = errors.New("the database is not empty")

// SeedSource is what Seed loads. Tokens come in the order of their creation, which is
// the order in which they will lie, and carry their Seq: the numbers from 1 to
// TokenCount.
type SeedSource struct {
	Users      iter.Seq[jeton.User]
	UserCount  int
	Tokens     iter.Seq2[jeton.Token, jeton.Digest]
	TokenCount int
}

// bulkLoader writes many rows into a table, faster than one by one. next
// returns the values of the next row, or nil after the last.
type bulkLoader interface {
	load(ctx context.Context, table string, columns []string, next func() ([]any, error)) error
	// loaded is called when all is loaded and indexed, after COMMIT.
	loaded(ctx context.Context) error
	close()
}

const (
	// seedBlock is how many secrets are held in memory to be written in the order
	// of their digests: one block is one walk along that index.
	seedBlock = 1_000_000
	// seedStep is how many rows lie between two looks at the context and two
	// reports of progress.
	seedStep = 5_000

	seedHead = `UPDATE head SET epoch = $1, position = $2, token_seq = $3, roles_version = $4 WHERE id = 1`
)

// seededTables are loaded without their indexes, which are built at the end.
func seededTables() []string { return []string{"users", "user_role", "token", "token_secret"} }

// Seed fills a database that has no users yet, in one transaction: when it
// fails, or the program dies, nothing of it is there. It writes one event and
// begins a new epoch. progress may be nil; it is told how many of the users and
// tokens are loaded.
func (s *Store) Seed(ctx context.Context, src SeedSource, progress func(done, total int)) error {
	if progress == nil {
		progress = func(int, int) {}
	}
	return s.committer.alone(ctx, func(w link) error {
		b, err := s.engine.bulk(ctx, w)
		if err != nil {
			return err
		}
		defer b.close()
		defer w.ended()
		h, err := w.begin(ctx, false)
		if err != nil {
			return err
		}
		sd := &seeder{w: w, bulk: b, engine: s.engine, options: s.options, total: src.UserCount + src.TokenCount, progress: progress}
		if err := sd.run(ctx, src, h); err != nil {
			_ = w.rollback(context.Background())
			return fmt.Errorf("seed: %w", err)
		}
		return b.loaded(ctx)
	})
}

// seeder is one Seed under way.
type seeder struct {
	w        link
	bulk     bulkLoader
	engine   engine
	options  Options
	done     int
	total    int
	progress func(done, total int)

	roles   [][2]string // role, user id
	secrets []seedSecret
	counts  tally
	lastSeq int64
}

type seedSecret struct {
	digest  jeton.Digest
	tokenID string
}

func (s *seeder) run(ctx context.Context, src SeedSource, h head) error {
	some, err := yes(ctx, s.w, stmt(anyUser))
	if err != nil {
		return err
	}
	if some || h.tokenSeq != 0 {
		return ErrNotEmpty
	}
	indexes, err := s.dropIndexes(ctx)
	if err != nil {
		return err
	}
	if err := s.load(ctx, src); err != nil {
		return err
	}
	for _, definition := range indexes {
		if _, err := s.w.exec(ctx, stmtOnce(definition)); err != nil {
			return err
		}
	}
	if err := s.counts.write(ctx, s.w); err != nil {
		return err
	}
	return s.finish(ctx, h)
}

// dropIndexes drops what is quicker built at the end, and returns how to build
// it: as the database tells, so that no definition stands in two places.
func (s *seeder) dropIndexes(ctx context.Context) (definitions []string, err error) {
	var names []string
	for _, table := range seededTables() {
		err := s.w.query(ctx, stmt(s.engine.indexes(), table), func(r row) error {
			names, definitions = append(names, r.text(0)), append(definitions, r.text(1))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		if _, err := s.w.exec(ctx, stmtOnce(`DROP INDEX `+name)); err != nil {
			return nil, err
		}
	}
	return definitions, nil
}

func (s *seeder) load(ctx context.Context, src SeedSource) error {
	if err := s.loadUsers(ctx, src.Users); err != nil {
		return err
	}
	slices.SortFunc(s.roles, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	at := 0
	if err := s.bulk.load(ctx, "user_role", []string{"role", "user_id"}, func() ([]any, error) {
		if at == len(s.roles) {
			return nil, nil
		}
		at++
		return []any{s.roles[at-1][0], s.roles[at-1][1]}, nil
	}); err != nil {
		return err
	}
	return s.loadTokens(ctx, src)
}

func (s *seeder) loadUsers(ctx context.Context, users iter.Seq[jeton.User]) error {
	next, stop := iter.Pull(users)
	defer stop()
	return s.bulk.load(ctx, "users", append(columnList(userColumns), "search"), func() ([]any, error) {
		u, ok := next()
		if !ok {
			return nil, nil
		}
		for _, role := range u.Roles {
			s.roles = append(s.roles, [2]string{role, u.ID})
		}
		return userArgs(u), s.step(ctx)
	})
}

// loadTokens loads a block of tokens, then their secrets, and so on.
func (s *seeder) loadTokens(ctx context.Context, src SeedSource) error {
	s.counts = tally{}
	next, stop := iter.Pull2(src.Tokens)
	defer stop()
	columns := []string{
		"user_id", "seq", "id", "description", "is_active", "create_at", "expires_at", "last_used_at",
		"scopes", "created_by", "created_via", "hint",
	}
	for more := true; more; {
		s.secrets = slices.Grow(s.secrets[:0], min(seedBlock, src.TokenCount))
		err := s.bulk.load(ctx, "token", columns, func() ([]any, error) {
			if len(s.secrets) == seedBlock {
				return nil, nil
			}
			t, d, ok := next()
			if !ok {
				more = false
				return nil, nil
			}
			return s.token(ctx, t, d)
		})
		if err == nil {
			err = s.loadSecrets(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) token(ctx context.Context, t jeton.Token, d jeton.Digest) ([]any, error) {
	if t.Seq <= 0 {
		return nil, fmt.Errorf("token %s has no place in the order of creation", t.ID)
	}
	s.lastSeq = max(s.lastSeq, t.Seq)
	s.counts.add(t.Seq, 1)
	s.secrets = append(s.secrets, seedSecret{d, t.ID})
	args, err := tokenArgs(t, t.Seq)
	if err != nil {
		return nil, err
	}
	return args, s.step(ctx)
}

func (s *seeder) loadSecrets(ctx context.Context) error {
	slices.SortFunc(s.secrets, func(a, b seedSecret) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	at := 0
	return s.bulk.load(ctx, "token_secret", []string{"digest", "token_id", "valid_until", "retired_at"}, func() ([]any, error) {
		if at == len(s.secrets) {
			return nil, ctx.Err()
		}
		at++
		return []any{s.secrets[at-1].digest[:], s.secrets[at-1].tokenID, int64(0), int64(0)}, nil
	})
}

// step counts a row.
func (s *seeder) step(ctx context.Context) error {
	s.done++
	if s.done%seedStep != 0 && s.done != s.total {
		return nil
	}
	s.progress(s.done, s.total)
	return ctx.Err()
}

// finish writes the event and a new head, and commits. The epoch is new because
// the positions so far tell nothing of what is there now.
func (s *seeder) finish(ctx context.Context, h head) error {
	at := s.options.Clock()
	e := jeton.Event{
		Position: h.position + 1, At: at.UnixMilli(), Actor: jeton.ActorLocal, Action: jeton.StoreSeed,
		Detail: jeton.Detail{Count: s.done},
	}
	if err := writeEvents(ctx, s.w, []jeton.Event{e}); err != nil {
		return err
	}
	epoch := jeton.NewID(at, s.options.Random)
	if _, err := s.w.exec(ctx, stmt(seedHead, epoch, e.Position, s.lastSeq, h.rolesVersion)); err != nil {
		return err
	}
	return s.w.commit(ctx)
}
