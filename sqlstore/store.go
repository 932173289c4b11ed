package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"jeton"
)

// Store keeps everything in one database. Its methods are safe for concurrent use.
type Store struct {
	reader
	quick     reader // what each request may have to wait for: see quick.go
	options   Options
	engine    engine
	committer *committer
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
	p, q := newPool(e, e.reader()), newPool(e, e.quickReader())
	return &Store{reader: reader{src: p, look: p.look}, quick: reader{src: q, look: q.look}, options: o, engine: e, committer: startCommitter(e, o)}, nil
}

// setUp brings the database to where a store can work on it.
func setUp(ctx context.Context, e engine, o Options) error {
	if _, _, err := migrate(ctx, e, o.Log); err != nil {
		return err
	}
	if err := fill(ctx, e, o); err != nil {
		return err
	}
	return e.ready(ctx)
}

// Change implements jeton.Store.
func (s *Store) Change(ctx context.Context, fn func(tx jeton.Tx) (jeton.Event, error), ahead ...jeton.Ahead) (jeton.Event, error) {
	return s.committer.do(ctx, fn, ahead)
}

// Note implements jeton.Store.
func (s *Store) Note(events ...jeton.Event) { s.committer.note(events) }

// Close implements jeton.Store. It may be called more than once.
func (s *Store) Close() error {
	s.committer.close()
	return s.engine.close()
}

const makeHead = `INSERT INTO head (id, epoch, position, token_seq, roles_version) VALUES (1, $1, 0, 0, 0)`

// fill adds the head and the default roles, where they are missing.
func fill(ctx context.Context, e engine, o Options) error {
	w, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer w.close()
	if missing, err := missingRoles(ctx, w); err != nil || len(missing) == 0 {
		return err // the head is made with the first role
	}
	defer w.ended()
	if err := w.begin(ctx, true); err != nil {
		return err
	}
	if err := fillLocked(ctx, w, o); err != nil {
		_, _ = w.execOnce(ctx, `ROLLBACK`)
		return err
	}
	return nil
}

// fillLocked looks again, since another program may have been faster.
func fillLocked(ctx context.Context, w link, o Options) error {
	g, fresh, err := fillGroup(ctx, w, o)
	if err != nil {
		return err
	}
	missing, err := missingRoles(ctx, w)
	if err != nil {
		return err
	}
	t, at := newTx(g), o.Clock()
	for _, r := range missing {
		r.ID, r.CreateAt, r.UpdateAt = jeton.NewID(at, o.Random), at.UnixMilli(), at.UnixMilli()
		if err := t.AddRole(ctx, r); err != nil {
			return err
		}
		if !fresh { // nobody follows a journal that did not exist
			g.record(jeton.Event{
				At: r.CreateAt, Actor: jeton.ActorLocal, Action: jeton.RoleCreate, Target: r.ID,
				Detail: jeton.Detail{Note: r.Name},
			})
		}
	}
	g.head.rolesVersion++
	return g.commit()
}

func fillGroup(ctx context.Context, w link, o Options) (g *group, fresh bool, err error) {
	h, err := loadHead(ctx, w)
	if errors.Is(err, jeton.ErrNotFound) {
		h, fresh = head{epoch: jeton.NewID(o.Clock(), o.Random)}, true
		_, err = w.exec(ctx, makeHead, h.epoch)
	}
	return &group{ctx: ctx, w: w, log: o.Log, was: h, head: h, counts: tally{}}, fresh, err
}

func missingRoles(ctx context.Context, w link) ([]jeton.Role, error) {
	have, err := list(ctx, w, allRoles, nil, scanRole)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, r := range have {
		names[r.Name] = true
	}
	var missing []jeton.Role
	for _, r := range jeton.DefaultRoles() {
		if !names[r.Name] {
			missing = append(missing, r)
		}
	}
	return missing, nil
}
