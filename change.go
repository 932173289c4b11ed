package jeton

import (
	"context"
	"errors"
	"fmt"
)

// change runs fn as one change in the name of a. It reads the actor again inside the
// transaction and passes it to fn, so that a token, role or user that has ended since
// the request began grants nothing.
func (s *Service) change(ctx context.Context, a Actor, action Action, fn func(tx Tx, a Actor) (Event, error)) (Receipt, error) {
	return s.changeOf(ctx, a, action, "", fn)
}

// changeOf is change for an fn that first reads the user ownerID and the number of
// tokens that the user owns.
func (s *Service) changeOf(ctx context.Context, a Actor, action Action, ownerID string, fn func(tx Tx, a Actor) (Event, error)) (Receipt, error) {
	if !a.isLocal() && a.ID == "" {
		return Receipt{}, fail(CodeUnauthenticated)
	}
	p := Prefetch{CredentialID: a.ViaID, Kind: a.Kind, OwnerID: ownerID}
	return s.write(ctx, a, action, p, func(tx Tx) (Event, error) {
		current, err := s.currentActor(tx, a)
		if err != nil {
			return Event{}, err
		}
		return fn(tx, current)
	})
}

// write is the only way to change the store. It runs fn in a transaction and
// completes the event that fn returns with the time, the action, and the id,
// credential and address of the actor. fn gives the target, and a detail where there
// is one. Before write returns, the caches of this node have applied the event, so
// that nothing that starts later sees the old state.
//
// ErrUnchanged from fn is success. An event without a target is a fault of the use
// case, and nothing is changed. A refusal is counted once, however often the store
// runs fn.
func (s *Service) write(ctx context.Context, a Actor, action Action, p Prefetch, fn func(tx Tx) (Event, error)) (Receipt, error) {
	e, head, err := s.store.Change(ctx, p, func(tx Tx) (Event, error) {
		e, err := fn(tx)
		if err != nil {
			return Event{}, err
		}
		if action == "" || e.Target == "" {
			return Event{}, &Error{Code: CodeInternal, Err: fmt.Errorf("change %q without an action or a target", action)}
		}
		e.At, e.Actor, e.Via, e.Action = s.now(), a.ID, a.Via(), action
		e.Detail.Address = a.Address
		return e, nil
	})
	if err != nil {
		return Receipt{}, s.counted(a, action, err)
	}
	if e.Action == "" { // fn returned ErrUnchanged
		return Receipt(head), nil
	}
	s.directory.Apply(e)
	s.Heard(e)
	return Receipt{Epoch: head.Epoch, Position: e.Position}, nil
}

// currentActor reads the actor inside a change.
func (s *Service) currentActor(tx Tx, a Actor) (Actor, error) {
	if a.isLocal() {
		return a, nil
	}
	c, err := tx.CredentialByID(a.ViaID, a.Kind)
	if errors.Is(err, ErrNotFound) || err == nil && !c.Usable(s.now(), s.settings.TokensEnabled) {
		return a, fail(CodeUnauthenticated)
	}
	if err != nil {
		return a, err
	}
	roles, err := tx.RoleTable()
	if err != nil {
		return a, err
	}
	current := c.Actor(roles)
	current.Address, current.Network = a.Address, a.Network
	return current, nil
}

// targetUser reads the user that a change is about and asks the access table. An
// actor that is not allowed the action does not learn whether the user exists.
func targetUser(tx Tx, a Actor, action Action, id string) (User, error) {
	u, err := tx.User(id)
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
