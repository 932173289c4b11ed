package jeton

import (
	"context"
	"sync"
	"time"
)

// networksEvery is how often a node reads which networks users logged in from.
const networksEvery = time.Minute

// maxNetworks bounds the networks that a node remembers, some 100 bytes each.
const maxNetworks = 10_000

// networks holds networks from which users logged in: their passwords are compared first when
// many wait. It does not say which users, so that a client that measures the time learns
// nothing of a name.
type networks struct {
	mu   sync.RWMutex
	seen map[string]struct{}
}

func (n *networks) has(network string) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	_, ok := n.seen[network]
	return ok
}

// add adds networks. When there are too many, it forgets the others.
func (n *networks) add(list ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil || len(n.seen)+len(list) > maxNetworks {
		n.seen = make(map[string]struct{}, len(list))
	}
	for _, network := range list {
		n.seen[network] = struct{}{}
	}
}

// readNetworks adds the networks from which users logged in on any node, at or after a time in
// Unix milliseconds. It returns the time for the next call: after a failure, the same.
func (s *Service) readNetworks(ctx context.Context, since int64) (next int64) {
	now := s.now()
	list, err := s.store.KnownNetworks(ctx, since, maxNetworks/2)
	if err != nil {
		return since
	}
	for i := range list {
		list[i] = s.limits.Wide(list[i])
	}
	s.networks.add(list...)
	return now - networksEvery.Milliseconds() // a node's clock may be behind
}
