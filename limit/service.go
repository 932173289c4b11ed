package limit

import (
	"sync"
	"time"

	"jeton"
)

// Service implements jeton.Limits.
type Service struct {
	logIns           sync.Mutex // makes the check of both limits and the taking of places atomic
	account, network *Limiter
	refusals         *refusals
}

var _ jeton.Limits = (*Service)(nil)

// ForService returns the limits by the rules of this package.
func ForService() *Service {
	return &Service{account: New(LogInsOfAccount), network: New(LogInsOfNetwork), refusals: newRefusals()}
}

// LogIn implements jeton.Limits.
func (s *Service) LogIn(account, network string, now time.Time) (giveBack func(), wait time.Duration) {
	s.logIns.Lock()
	defer s.logIns.Unlock()
	if wait = max(s.account.Wait(account, now), s.network.Wait(network, now)); wait > 0 {
		return nil, wait
	}
	s.account.Take(account, now)
	s.network.Take(network, now)
	return func() {
		s.account.GiveBack(account, now)
		s.network.GiveBack(network, now)
	}, 0
}
