package jeton

import "context"

// Write is write, for tests in the external package.
func (s *Service) Write(ctx context.Context, a Actor, action Action, fn func(tx Tx) (Event, error)) (Receipt, error) {
	return s.write(ctx, a, action, Prefetch{}, fn)
}
