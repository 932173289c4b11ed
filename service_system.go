package jeton

import "slices"

// ReadSystem checks that the actor is allowed to read the server's settings and state.
func (s *Service) ReadSystem(a Actor) error { return s.permit(a, SystemRead) }

// ReadNone checks a read of what no user here has: preferences, teams, acquaintances.
// The answer is an empty list. Clients ask for it after their log-in.
func (s *Service) ReadNone(a Actor, action Action, userID string) error {
	return s.permitOn(a, action, Owner{ID: userID})
}

// Ancillary returns the permissions, and after them those that Mattermost's console adds
// to a role beside them.
func (s *Service) Ancillary(a Actor, permissions []string) ([]string, error) {
	if err := s.permit(a, RoleRead); err != nil {
		return nil, err
	}
	out := slices.Clone(permissions)
	for _, p := range permissions {
		out = append(out, ancillaryPermissions[p]...)
	}
	return out, nil
}
