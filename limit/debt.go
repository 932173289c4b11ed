package limit

import (
	"slices"
	"time"
)

// debt is the places that one key has taken and that are not back yet. Times are Unix
// nanoseconds. The zero value is no debt.
type debt struct {
	until  int64   // when all places are back
	places []int64 // Window only: when each taken place comes back, in ascending order
}

// current returns d; or no debt, if d reaches more than twice Per into the future. Only a
// clock that was set back explains that.
func (r *Rule) current(d debt, now int64) debt {
	if d.until > now+2*int64(r.Per) {
		return debt{}
	}
	return d
}

// wait returns how long a key with debt d has to wait for a place; 0: it has one.
func (r *Rule) wait(d debt, now int64) time.Duration {
	if r.Refill == Gradual {
		return max(0, time.Duration(d.until-now)+r.step()-r.Per)
	}
	if n := len(d.places); n >= r.Count {
		return max(0, time.Duration(d.places[n-r.Count]-now))
	}
	return 0
}

// take takes one more place for a key with debt d, which has one. It returns the new debt
// and the number of places left. It may reuse the memory of d.
func (r *Rule) take(d debt, now int64) (after debt, left int) {
	if r.Refill == Gradual {
		after.until = max(d.until, now) + int64(r.step())
		return after, int((r.Per - time.Duration(after.until-now)) / r.step())
	}
	places := slices.DeleteFunc(d.places, func(back int64) bool { return back <= now })
	places = append(places, now+int64(r.Per))
	slices.Sort(places) // callers read the clock before they take the lock, so their times may be out of order
	return debt{until: places[len(places)-1], places: places}, r.Count - len(places)
}

// giveBack returns the debt d without the place that was taken at the given time.
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
