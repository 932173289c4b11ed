package jeton

import "context"

// Unlock sets a user's failed attempts to 0 and gives back all attempts at the user's password
// that the log-in guard counts, on all nodes.
func (s *Service) Unlock(ctx context.Context, a Actor, id string) (Receipt, error) {
	receipt, err := s.change(ctx, a, UserUnlock, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		u, err := targetUser(tx, a, UserUnlock, id)
		if CodeOf(err) == CodeForbidden {
			err = fail(CodeUnlock)
		}
		if err != nil {
			return Event{}, err
		}
		before := u
		u.FailedAttempts = 0
		return Event{Target: id, Detail: Detail{Owner: id, Changes: userChanges(before, u)}}, tx.SetUser(u)
	}))
	return receipt, storeError(err, CodeUserNotFound, CodeUserUpdateFailed)
}

// Heard applies what an event changes of the limits of this node: with a new password, or
// unlocked, an account has all its attempts again. It is called for the events of all nodes.
func (s *Service) Heard(e Event) {
	if !e.Detail.Refused && (e.Action == UserUnlock || e.Action == UserPassword || e.Action == BotToUser) {
		s.limits.Forget(e.Target, s.clock())
	}
}
