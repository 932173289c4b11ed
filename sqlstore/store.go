package sqlstore

import (
	"context"
	"fmt"
	"sync/atomic"

	"jeton"
)

// Store keeps everything in one database. Its methods are safe for concurrent use.
type Store struct {
	options   Options
	engine    engine
	lists     pool // of lists and searches
	quick     pool // of what each request may have to wait for
	committer *committer
	counted   atomic.Pointer[userCount] // nil: never
}

var _ jeton.Store = (*Store)(nil)

// Open opens the database, made and migrated where needed, with the default
// roles in it. It fails, saying what to do, where another server holds a SQLite
// file, and where the schema is newer than this program knows.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	e, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := setUp(ctx, e, o); err != nil {
		_ = e.close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &Store{options: o, engine: e, lists: e.lists(), quick: e.quick(), committer: startCommitter(e, o)}, nil
}

// setUp brings the database to where a store can work on it.
func setUp(ctx context.Context, e engine, o Options) error {
	if _, _, err := migrate(ctx, e, o); err != nil {
		return err
	}
	if err := addDefaultRoles(ctx, e, o); err != nil {
		return err
	}
	return e.ready(ctx)
}

// Readers returns how many connections lists and searches share.
func (s *Store) Readers() int { return s.options.Readers }

// Change implements jeton.Store.
func (s *Store) Change(ctx context.Context, p jeton.Prefetch, fn func(tx jeton.Tx) (jeton.Event, error)) (jeton.Event, jeton.Head, error) {
	return s.committer.do(ctx, p, fn)
}

// Note implements jeton.Store.
func (s *Store) Note(events ...jeton.Event) int { return s.committer.note(events) }

// Close implements jeton.Store. It may be called more than once.
func (s *Store) Close() error {
	s.committer.close()
	return s.engine.close()
}

// addDefaultRoles adds the roles that are missing.
func addDefaultRoles(ctx context.Context, e engine, o Options) error {
	if missing, _, err := missingRoles(ctx, e.quick()); err != nil || len(missing) == 0 {
		return err
	}
	w, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer w.close() // which undoes what was not committed
	defer w.ended()
	h, err := w.begin(ctx, true)
	if err != nil {
		return err
	}
	g := &group{ctx: ctx, w: w, log: o.Log, head: h, counts: tally{}}
	if err := addMissingRoles(g, o); err != nil {
		return err
	}
	return g.commit()
}

// addMissingRoles looks again, since another program may have been faster.
func addMissingRoles(g *group, o Options) error {
	missing, fresh, err := missingRoles(g.ctx, g.w)
	if err != nil {
		return err
	}
	t, at := newTx(g), o.Clock()
	for _, r := range missing {
		r.ID, r.CreateAt, r.UpdateAt = jeton.NewID(at, o.Random), at.UnixMilli(), at.UnixMilli()
		if err := t.AddRole(r); err != nil {
			return err
		}
		if !fresh { // a new database has no followers to tell
			g.record(jeton.Event{
				At: r.CreateAt, Actor: jeton.ActorLocal, Action: jeton.RoleCreate, Target: r.ID,
				Detail: jeton.Detail{Note: r.Name},
			})
		}
	}
	g.head.rolesVersion++
	return nil
}

// missingRoles returns the default roles that are not there; fresh: none is.
func missingRoles(ctx context.Context, src source) (missing []jeton.Role, fresh bool, err error) {
	have, err := list(ctx, src, stmt(allRoles), scanRole)
	if err != nil {
		return nil, false, err
	}
	names := map[string]bool{}
	for _, r := range have {
		names[r.Name] = true
	}
	for _, r := range jeton.DefaultRoles() {
		if !names[r.Name] {
			missing = append(missing, r)
		}
	}
	return missing, len(have) == 0, nil
}
