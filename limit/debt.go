package limit

import (
	"slices"
	"time"
)

// debt is what one key owes. Times are Unix nanoseconds. The zero value owes
// nothing.
type debt struct {
	until  int64   // when all places are back
	places []int64 // Window: when each place that is taken comes back, the first one first
}

// current returns d, or no debt where d cannot be true: it reaches further ahead
// than any clock that is a little behind explains, so the clock was set back.
func (r *Rule) current(d debt, now int64) debt {
	if d.until > now+2*int64(r.Per) {
		return debt{}
	}
	return d
}

// wait returns how long a key that owes d has no place; 0: it has one. It changes
// nothing.
func (r *Rule) wait(d debt, now int64) time.Duration {
	if r.Refill == Gradual {
		return max(0, time.Duration(d.until-now)+r.step()-r.Per)
	}
	if n := len(d.places); n >= r.Count {
		return max(0, time.Duration(d.places[n-r.Count]-now))
	}
	return 0
}

// take returns what a key that owes d and need not wait owes with one more place
// taken, and how many it has left. It may reuse the memory of d.
func (r *Rule) take(d debt, now int64) (after debt, left int) {
	if r.Refill == Gradual {
		after.until = max(d.until, now) + int64(r.step())
		return after, int((r.Per - time.Duration(after.until-now)) / r.step())
	}
	places := slices.DeleteFunc(d.places, func(back int64) bool { return back <= now })
	places = append(places, now+int64(r.Per))
	slices.Sort(places) // callers read the clock before they get here, so they may come in another order
	return debt{until: places[len(places)-1], places: places}, r.Count - len(places)
}

// giveBack returns what a key owes without the place that it took at a time.
func (r *Rule) giveBack(d debt, taken int64) debt {
	if r.Refill == Gradual {
		d.until -= int64(r.step())
		return d
	}
	if i := slices.Index(d.places, taken+int64(r.Per)); i >= 0 {
		d.places = slices.Delete(d.places, i, i+1)
	}
	if d.until = 0; len(d.places) > 0 {
		d.until = d.places[len(d.places)-1]
	}
	return d
}
