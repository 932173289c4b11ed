package jeton

import (
	"context"
	"errors"
	"fmt"
)

// MayIntrospect fails unless the actor may ask whose another's secret is.
func (s *Service) MayIntrospect(a Actor) error { return s.permit(a, TokenIntrospect) }

// MayFollow fails unless the actor may hear what caches must forget.
func (s *Service) MayFollow(a Actor) error { return s.permit(a, FeedRead) }

// bySecret is what the journal says of a token or session that was ended by
// whoever held its secret.
const bySecret = "by its own secret"

// RevokeSecret ends what a secret opens: a token, with those of the same owner
// that it made, or a session. Whoever has the secret may do so, whatever the state
// of the token and wherever the request comes from (address), which RFC 7009 calls
// possession. A secret that opens nothing is no error. It fails with
// CodeTokenRevokeFailed where the store could not do its part.
func (s *Service) RevokeSecret(ctx context.Context, secret, address string) error {
	d, kind := s.settings.Secrets.Parse(secret)
	if kind == KindNone {
		return nil
	}
	c, err := s.store.Credential(ctx, d, kind)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return storeError(err, "", CodeTokenRevokeFailed)
	}
	work := context.WithoutCancel(ctx)
	event, err := s.store.Change(ctx, func(tx Tx) (Event, error) {
		c, err := tx.CredentialByID(work, c.ID, kind)
		if err != nil {
			return Event{}, err
		}
		e, err := s.endCredential(work, tx, c)
		e.At, e.Actor, e.Via = s.now(), c.Owner.ID, c.Actor(nil).Via()
		e.Target, e.Detail.Owner, e.Detail.Address = c.ID, c.Owner.ID, address
		return e, err
	}, Ahead{Credential: c.ID, Kind: kind})
	s.applied(event)
	if errors.Is(err, ErrNotFound) {
		return nil // another was faster
	}
	return storeError(err, "", CodeTokenRevokeFailed)
}

func (s *Service) endCredential(ctx context.Context, tx Tx, c Credential) (Event, error) {
	if c.Kind == KindSession {
		return Event{Action: SessionEnd, Detail: Detail{Note: bySecret}}, tx.RemoveSession(ctx, c.ID)
	}
	followers, _, err := tx.TokensMadeBy(ctx, c.ID, c.Owner.ID)
	if err != nil {
		return Event{}, err
	}
	note := bySecret
	if len(followers) > 0 {
		note += fmt.Sprintf(", with %d tokens that it made", len(followers))
	}
	return Event{Action: TokenRevoke, Detail: Detail{Note: note}}, tx.RemoveTokens(ctx, append([]string{c.ID}, followers...), s.now())
}
