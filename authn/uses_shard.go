package authn

import (
	"sync"

	"jeton"
)

// useShard is a part of what is gathered, under a lock of its own.
type useShard struct {
	mu    sync.Mutex
	uses  map[string]*dayUse // by token, on the newest day on which it was used
	ended []jeton.Use        // on days before
	_     [88]byte           // keeps the next shard's lock out of this one's cache lines
}

type dayUse struct {
	jeton.Use
	begins, ends int64 // the day, in Unix milliseconds
}

// note takes in uses of a token on one day, if there is room, and reports
// whether there was, and whether the shard is half full.
func (s *useShard) note(use jeton.Use) (kept, many bool) {
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
	many = size >= maxShardUses/2
	switch {
	case size >= maxShardUses:
		return false, many
	case ok && use.At < e.begins:
		s.ended = append(s.ended, use)
		return true, many
	case ok:
		s.ended = append(s.ended, e.Use)
		*e = newDayUse(use)
		return true, many
	case s.uses == nil:
		s.uses = map[string]*dayUse{}
	}
	first := newDayUse(use)
	s.uses[use.TokenID] = &first
	return true, many
}

func newDayUse(use jeton.Use) dayUse {
	day := jeton.DayOf(use.At)
	return dayUse{Use: use, begins: jeton.DayStart(day), ends: jeton.DayStart(day + 1)}
}

// take empties the shard into a list.
func (s *useShard) take(all []jeton.Use) []jeton.Use {
	s.mu.Lock()
	uses, ended := s.uses, s.ended
	s.uses, s.ended = nil, nil
	s.mu.Unlock()
	for _, e := range uses {
		all = append(all, e.Use)
	}
	return append(all, ended...)
}
