package authn

import (
	"sync"

	"jeton"
)

// useShard is one part of the buffer, with a lock of its own.
type useShard struct {
	mu    sync.Mutex
	uses  map[string]*dayUse // by token id: its uses on the last day on which it was used
	ended []jeton.Use        // uses on earlier days
	_     [88]byte           // padding: the next shard's lock must not share a cache line with this one
}

// dayUse is the uses of one token on one day.
type dayUse struct {
	jeton.Use
	begins, ends int64 // the day, in Unix milliseconds
}

// note adds uses of a token on one day. added: there was room for them. halfFull: a new
// record was needed, and the shard is at least half full.
func (s *useShard) note(use jeton.Use) (added, halfFull bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.uses[use.TokenID]
	if ok && use.At >= e.begins && use.At < e.ends {
		e.Count += use.Count
		if use.At >= e.At {
			e.At = use.At
			if use.Address != "" {
				e.Address = use.Address
			}
		}
		return true, false
	}
	size := len(s.uses) + len(s.ended)
	halfFull = size >= maxShardUses/2
	switch {
	case size >= maxShardUses:
		return false, halfFull
	case ok && use.At < e.begins:
		s.ended = append(s.ended, use)
		return true, halfFull
	case ok:
		s.ended = append(s.ended, e.Use)
		*e = newDayUse(use)
		return true, halfFull
	case s.uses == nil:
		s.uses = map[string]*dayUse{}
	}
	first := newDayUse(use)
	s.uses[use.TokenID] = &first
	return true, halfFull
}

func newDayUse(use jeton.Use) dayUse {
	day := jeton.DayOf(use.At)
	return dayUse{Use: use, begins: jeton.DayStart(day), ends: jeton.DayStart(day + 1)}
}

// drain empties the shard and appends its uses to all.
func (s *useShard) drain(all []jeton.Use) []jeton.Use {
	s.mu.Lock()
	uses, ended := s.uses, s.ended
	s.uses, s.ended = nil, nil
	s.mu.Unlock()
	for _, e := range uses {
		all = append(all, e.Use)
	}
	return append(all, ended...)
}
