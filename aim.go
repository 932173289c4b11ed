package jeton

import "errors"

// aim adds to a refusal what it aimed at, for the journal: the id of the target, and
// the user or bot whose account it is. It fills what is not known yet, and leaves out
// what is not a well-formed id. It returns other errors unchanged.
func aim(err error, target, owner string) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || !isRefusal(err) {
		return err
	}
	aimed := *e
	if aimed.target == "" && ValidID(target) {
		aimed.target = target
	}
	if aimed.owner == "" && ValidID(owner) {
		aimed.owner = owner
	}
	return &aimed
}

// aimedAt returns fn with the target and its owner added to its refusals.
func aimedAt(target, owner string, fn func(tx Tx, a Actor) (Event, error)) func(tx Tx, a Actor) (Event, error) {
	return func(tx Tx, a Actor) (Event, error) {
		e, err := fn(tx, a)
		return e, aim(err, target, owner)
	}
}

// permitAimed is permit for an action whose target is named, but not read yet.
func (s *Service) permitAimed(a Actor, action Action, target, owner string) error {
	return s.counted(a, action, aim(a.permit(action), target, owner))
}
