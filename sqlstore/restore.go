package sqlstore

import (
	"context"
	"fmt"

	"jeton"
)

// Restoration is what is done to a database that was restored from a backup, in one
// transaction, before anybody uses it.
type Restoration struct {
	// Apply takes away what was taken away after the backup. It may be nil.
	Apply         func(tx jeton.Tx) error
	DisableTokens bool // all of them
	EndSessions   bool // all of them
}

// Restored is what a Restoration did.
type Restored struct {
	From, Head     jeton.Head // where the journal of the backup stood, and where it stands now
	TokensDisabled int64      // by DisableTokens
	SessionsEnded  int64
}

const (
	disableTokens = `UPDATE token SET is_active = FALSE WHERE is_active = TRUE`
	endSessions   = `DELETE FROM session`
)

// Restore prepares the database for use after it was put in place: it does what the
// Restoration says, writes one event, and begins a new epoch, so that no cache takes
// what it holds for the present.
func (s *Store) Restore(ctx context.Context, r Restoration) (done Restored, err error) {
	return done, s.committer.alone(ctx, func(w link) error {
		defer w.ended()
		h, err := w.begin(ctx, false)
		if err != nil {
			return err
		}
		g := &group{ctx: ctx, w: w, log: s.options.Log, head: h, counts: tally{}}
		if done, err = s.restore(g, r); err != nil {
			_ = w.rollback(context.Background())
			return fmt.Errorf("restore: %w", err)
		}
		return nil
	})
}

func (s *Store) restore(g *group, r Restoration) (done Restored, err error) {
	done.From = g.head.public()
	if r.Apply != nil {
		if err := s.restoreBy(g, r.Apply); err != nil {
			return done, err
		}
	}
	for text, n := range map[string]*int64{disableTokens: &done.TokensDisabled, endSessions: &done.SessionsEnded} {
		if text == disableTokens && !r.DisableTokens || text == endSessions && !r.EndSessions {
			continue
		}
		if *n, err = g.w.exec(g.ctx, stmt(text)); err != nil {
			return done, err
		}
	}
	if err := g.counts.write(g.ctx, g.w); err != nil {
		return done, err
	}
	at := s.options.Clock()
	g.head.position++
	g.head.epoch = jeton.NewID(at, s.options.Random)
	e := jeton.Event{
		Position: g.head.position, At: at.UnixMilli(), Actor: jeton.ActorLocal, Action: jeton.StoreRestore, Target: g.head.epoch,
		Detail: jeton.Detail{Note: fmt.Sprintf("from a backup of %s.%d; %d tokens disabled, %d sessions ended",
			done.From.Epoch, done.From.Position, done.TokensDisabled, done.SessionsEnded)},
	}
	if err := writeEvents(g.ctx, g.w, []jeton.Event{e}); err != nil {
		return done, err
	}
	done.Head = g.head.public()
	if _, err := g.w.exec(g.ctx, stmt(seedHead, g.head.epoch, g.head.position, g.head.tokenSeq, g.head.rolesVersion)); err != nil {
		return done, err
	}
	return done, g.w.commit(g.ctx)
}

// restoreBy runs a function as a change of the group.
func (s *Store) restoreBy(g *group, apply func(jeton.Tx) error) error {
	t := newTx(g)
	err := apply(t)
	if err == nil {
		t.settle()
		err = t.broken
	}
	if err != nil {
		return err
	}
	g.counts.merge(t.counts)
	if t.wroteRoles {
		g.head.rolesVersion++
	}
	return nil
}
