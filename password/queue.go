package password

import "slices"

// queue holds the callers that wait for a slot, a line for each network. It serves the lines
// in turn.
type queue struct {
	waiting int
	turns   []*line // those with a caller; the first is served next
	lines   map[string]*line
}

// line is the callers of one network, in the order of their arrival.
type line struct {
	network string
	callers []*waiter
}

// waiter is one caller. ready is closed when it has a slot.
type waiter struct {
	ready chan struct{}
	line  *line
}

func newQueue() queue { return queue{lines: map[string]*line{}} }

// add adds a caller. It returns nil if perLine callers of the network wait already, or
// perQueue in all.
func (q *queue) add(network string, perLine, perQueue int) *waiter {
	l := q.lines[network]
	if q.waiting >= perQueue || l != nil && len(l.callers) >= perLine {
		return nil
	}
	if l == nil {
		l = &line{network: network}
		q.lines[network] = l
		q.turns = append(q.turns, l)
	}
	w := &waiter{ready: make(chan struct{}), line: l}
	l.callers = append(l.callers, w)
	q.waiting++
	return w
}

// next removes and returns the caller whose turn it is; nil: none waits.
func (q *queue) next() *waiter {
	if len(q.turns) == 0 {
		return nil
	}
	l := q.turns[0]
	q.turns = append(q.turns[1:], l)
	w := l.callers[0]
	q.remove(w)
	return w
}

// remove removes a caller that waits. It returns false if the caller does not wait any more.
func (q *queue) remove(w *waiter) bool {
	i := slices.Index(w.line.callers, w)
	if i < 0 {
		return false
	}
	w.line.callers = slices.Delete(w.line.callers, i, i+1)
	q.waiting--
	if len(w.line.callers) == 0 {
		delete(q.lines, w.line.network)
		q.turns = slices.DeleteFunc(q.turns, func(l *line) bool { return l == w.line })
	}
	return true
}
