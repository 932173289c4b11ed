package jeton

import "context"

// CountUsers returns the number of active people. An actor that is not allowed to see
// other users counts only itself.
func (s *Service) CountUsers(ctx context.Context, a Actor) (int64, error) {
	if err := s.permit(a, UserCount); err != nil {
		return 0, err
	}
	active := true
	f := UserFilter{Active: &active}
	if !f.limitTo(a) {
		return 0, nil
	}
	return s.count(ctx, a, f)
}

// CountUsersBy returns the number of the users that the filter selects.
func (s *Service) CountUsersBy(ctx context.Context, a Actor, f UserFilter) (int64, error) {
	if err := s.permit(a, UserCountBy); err != nil {
		return 0, err
	}
	for _, name := range f.Roles {
		if !ValidRoleName(name) {
			return 0, failValue(CodeInvalidBody, "roles", name)
		}
	}
	return s.count(ctx, a, f)
}

// ActiveUsers returns the number of active people to administrators, and 0 to every other
// actor: those need not know how large the organisation is.
func (s *Service) ActiveUsers(ctx context.Context, a Actor) (int64, error) {
	if err := s.permit(a, SystemLimits); err != nil {
		return 0, err
	}
	if !a.Holds(PermManageSystem) || !a.Holds(permReadUsers) {
		return 0, nil
	}
	active := true
	return s.count(ctx, a, UserFilter{Active: &active})
}

func (s *Service) count(ctx context.Context, a Actor, f UserFilter) (int64, error) {
	n, err := search(ctx, s, a, func() (int64, error) { return s.store.CountUsers(ctx, f) })
	return n, storeError(err, "", CodeUserCountFailed)
}
