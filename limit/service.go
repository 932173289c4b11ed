package limit

import (
	"time"

	"jeton"
)

// Service implements jeton.Limits.
type Service struct {
	logIns   logIns
	refusals *refusals
}

var _ jeton.Limits = (*Service)(nil)

// ForService returns the limits by the rules of this package.
func ForService() *Service {
	return &Service{logIns: newLogIns(), refusals: newRefusals()}
}

// LogIn implements jeton.Limits.
func (s *Service) LogIn(a jeton.Attempt, now time.Time) jeton.Admission {
	return s.logIns.admit(a, now)
}

// Forget implements jeton.Limits.
func (s *Service) Forget(account string, now time.Time) { s.logIns.forget(account, now) }

// Wide implements jeton.Limits.
func (s *Service) Wide(network string) string { return Wide(network) }
