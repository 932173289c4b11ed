package jeton

// refusalLine is a line of the journal that is not written yet.
type refusalLine struct {
	event     Event // what its refusals have in common; Detail.Count: how many are still to be written
	network   string
	byMany    bool // of different clients
	onMany    bool // on different accounts
	scattered bool // from different networks
}

// Notes of lines that count refusals of several clients, or on several accounts.
const (
	byMany = "by many"
	onMany = "on many"
)

// join counts one more refusal, and clears the fields in which it differs from the others.
func (l *refusalLine) join(network string, e Event) {
	l.merge(&refusalLine{event: e, network: network})
	l.event.Detail.Count++
}

// merge adds the refusals of another line.
func (l *refusalLine) merge(other *refusalLine) {
	a, b := &l.event, &other.event
	a.Detail.Count += b.Detail.Count
	l.scattered = l.scattered || other.scattered || l.network != other.network
	l.byMany = l.byMany || other.byMany || a.Actor != b.Actor || a.Actor == "" && l.scattered
	l.onMany = l.onMany || other.onMany || a.Detail.Owner != b.Detail.Owner
	switch {
	case l.scattered:
		a.Detail.Address = ""
	case a.Detail.Address != b.Detail.Address:
		a.Detail.Address = l.network
	}
	clearDifferent(&a.Actor, b.Actor)
	clearDifferent(&a.Via, b.Via)
	clearDifferent(&a.Target, b.Target)
	clearDifferent(&a.Detail.Owner, b.Detail.Owner)
}

func clearDifferent(field *string, other string) {
	if *field != other {
		*field = ""
	}
}

// entry returns the entry of the journal for the count.
func (l *refusalLine) entry() Event {
	e := l.event
	switch {
	case l.byMany && l.onMany:
		e.Detail.Note = byMany + ", " + onMany
	case l.byMany:
		e.Detail.Note = byMany
	case l.onMany:
		e.Detail.Note = onMany
	}
	return e
}
