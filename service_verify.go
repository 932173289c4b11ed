package jeton

import (
	"context"
	"errors"
)

// MayIntrospect fails unless the actor is allowed to introspect any user's token.
func (s *Service) MayIntrospect(a Actor) error { return s.permit(a, TokenIntrospect) }

// MayFollow fails unless the actor is allowed to read the feed.
func (s *Service) MayFollow(a Actor) error { return s.permit(a, FeedRead) }

// bySecret is the note in the journal for a token or session that was ended with its
// own secret.
const bySecret = "by its own secret"

// RevokeSecret ends the token or session of a secret; with a token, the tokens of the
// same owner that were created with it. It needs nothing but the secret (RFC 7009),
// whatever the state of the token and the client's address. A secret without a token
// or session is not an error. RevokeSecret fails with CodeNoSecret for a string that
// cannot be a secret, and with CodeTokenRevokeFailed when the store fails.
func (s *Service) RevokeSecret(ctx context.Context, secret, address string) (Receipt, error) {
	d, kind := s.settings.Secrets.Parse(secret)
	if kind == KindNone {
		return Receipt{}, failParam(CodeNoSecret, "token")
	}
	c, err := s.store.Credential(ctx, d, kind)
	if errors.Is(err, ErrNotFound) {
		head, err := s.store.Head(ctx) // read last, so that it is not before the end of the secret
		return Receipt(head), storeError(err, "", CodeTokenRevokeFailed)
	}
	if err != nil {
		return Receipt{}, storeError(err, "", CodeTokenRevokeFailed)
	}
	owner, action := c.Actor(nil), TokenRevoke
	owner.Address = address
	if c.Kind == KindSession {
		action = SessionEnd
	}
	receipt, err := s.write(ctx, owner, action, Prefetch{CredentialID: c.ID, Kind: c.Kind}, func(tx Tx) (Event, error) {
		c, err := tx.CredentialByID(c.ID, c.Kind)
		if errors.Is(err, ErrNotFound) {
			return Event{}, ErrUnchanged // it has ended since it was read
		}
		if err != nil {
			return Event{}, err
		}
		d, err := s.endCredential(tx, c)
		return Event{Target: c.ID, Detail: d}, err
	})
	return receipt, storeError(err, "", CodeTokenRevokeFailed)
}

// endCredential removes a token or session, and returns the detail for the journal.
func (s *Service) endCredential(tx Tx, c Credential) (Detail, error) {
	d := Detail{Owner: c.Owner.ID, Note: bySecret}
	if c.Kind == KindSession {
		return d, tx.RemoveSession(c.ID)
	}
	t, err := tx.Token(c.ID)
	if err != nil {
		return d, err
	}
	followers, _, err := tx.TokensMadeBy(c.ID, c.Owner.ID)
	if err != nil {
		return d, err
	}
	if len(followers) > 0 {
		d.Note += ", " + withMade(followers)
	}
	d.Changes = append(tokenChanges(t, Token{}), made(followers)...)
	return d, tx.RemoveTokens(append([]string{c.ID}, followers...), s.now())
}
