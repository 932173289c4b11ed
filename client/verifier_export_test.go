package client

import (
	"context"
	"time"
)

// Position returns how far the feed was heard.
func (v *Verifier) Position() string { return v.cache.position().String() }

// Remembered returns how many answers are.
func (v *Verifier) Remembered() (n int) {
	for i := range v.cache.shards {
		s := &v.cache.shards[i]
		s.mu.RLock()
		n += len(s.young) + len(s.old)
		s.mu.RUnlock()
	}
	return n
}

// Remember fills the memory with the i-th of many answers.
func Remember(v *Verifier, i int) {
	v.cache.set(digest{byte(i), byte(i >> 8)}, &entry{identity: &Identity{}, at: time.Now()})
}

// At judges what is remembered of a secret as at another time.
func At(v *Verifier, secret string, at time.Time) (*Identity, error) {
	i, err := v.Verify(context.Background(), secret)
	if err != nil {
		return nil, err
	}
	return alive(i, at)
}
