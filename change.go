package jeton

import (
	"context"
	"errors"
)

// change runs fn as one change in the name of a. Inside it the actor is read
// anew, so that nothing is granted to a token or a role that has gone meanwhile;
// fn gets it, and a context that outlives the request: a change once begun is
// seen to its end. Before change returns, this node has forgotten what it
// remembered of what fn changed.
func (s *Service) change(ctx context.Context, a Actor, action Action, fn func(ctx context.Context, tx Tx, a Actor) (Event, error)) error {
	return s.changeOf(ctx, a, action, "", fn)
}

// changeOf is change for what begins with the owner of tokens, who may then be
// read ahead of it.
func (s *Service) changeOf(ctx context.Context, a Actor, action Action, ownerID string, fn func(ctx context.Context, tx Tx, a Actor) (Event, error)) error {
	if !a.isLocal() && a.ID == "" {
		return fail(CodeUnauthenticated)
	}
	work := context.WithoutCancel(ctx)
	event, err := s.store.Change(ctx, func(tx Tx) (Event, error) {
		now, err := s.asItStands(work, tx, a)
		if err != nil {
			return Event{}, err
		}
		e, err := fn(work, tx, now)
		if err != nil || e.Target == "" {
			return Event{}, err // refused, or nothing to do
		}
		e.At, e.Actor, e.Via, e.Action = s.now(), a.ID, a.Via(), action
		e.Detail.Address = a.Address
		return e, nil
	}, Ahead{Credential: a.ViaID, Kind: a.Kind, Owner: ownerID})
	s.applied(event)
	return s.counted(a, action, err)
}

// applied lets this node's memory forget what the event changed.
func (s *Service) applied(e Event) {
	if e.Action != "" {
		s.directory.Apply(e)
	}
}

// asItStands reads the actor again inside a change.
func (s *Service) asItStands(ctx context.Context, tx Tx, a Actor) (Actor, error) {
	if a.isLocal() {
		return a, nil
	}
	c, err := tx.CredentialByID(ctx, a.ViaID, a.Kind)
	if errors.Is(err, ErrNotFound) || err == nil && !c.Usable(s.now(), s.settings.TokensEnabled) {
		return a, fail(CodeUnauthenticated)
	}
	if err != nil {
		return a, err
	}
	roles, err := tx.RoleTable(ctx)
	if err != nil {
		return a, err
	}
	now := c.Actor(roles)
	now.Address, now.Network = a.Address, a.Network
	return now, nil
}

// permit asks the access table for an action without a target, permitOn for one
// with; both count refusals.
func (s *Service) permit(a Actor, action Action) error {
	return s.counted(a, action, a.permit(action))
}

func (s *Service) permitOn(a Actor, action Action, target Owner) error {
	return s.counted(a, action, a.permitOn(action, target))
}

// counted passes an error on, and counts it if it is a refusal.
func (s *Service) counted(a Actor, action Action, err error) error {
	switch CodeOf(err) {
	case CodeForbidden, CodeUpdateActive, CodePasswordOther, CodePasswordHashed, CodeNoOpenServer:
		s.refusals.count(a, action)
	}
	return err
}

// owner returns what the access table needs of a target, from memory. A user who
// does not exist is a person without roles.
func (s *Service) owner(ctx context.Context, a Actor, id string, failed Code) (Owner, error) {
	if id == a.ID {
		return a.Owner, nil
	}
	o, err := s.directory.Owner(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Owner{ID: id}, nil
	}
	return o, storeError(err, "", failed)
}

// target reads a user inside a change and asks the access table; who may not
// reach a user does not learn whether he exists.
func target(ctx context.Context, tx Tx, a Actor, action Action, id string) (User, error) {
	u, err := tx.User(ctx, id)
	missing := errors.Is(err, ErrNotFound)
	if err != nil && !missing {
		return u, err
	}
	u.ID = id
	if err := a.permitOn(action, u.Owner()); err != nil {
		return u, err
	}
	if missing {
		return u, fail(CodeUserNotFound)
	}
	return u, nil
}
