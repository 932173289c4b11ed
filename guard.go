package jeton

import (
	"container/list"
	"sync"
	"time"
)

// The log-in guard's limits: failures within the window, and how many accounts
// and addresses are watched at once.
const (
	guardWindow       = 15 * time.Minute
	guardPerAccount   = 10
	guardPerAddress   = 50
	guardMaxWatched   = 100_000
	guardAccountClass = "account "
	guardAddressClass = "address "
)

// loginGuard counts failed log-ins by account and by address. An attempt takes
// its place before the password is looked at and gives it back if the password
// was right, so that many at once get no more tries than one after the other.
type loginGuard struct {
	clock  Clock
	mu     sync.Mutex
	byKey  map[string]*list.Element
	recent *list.List // of *guardEntry, the most recently touched first
}

type guardEntry struct {
	key   string
	times []time.Time // of failures and of attempts under way, oldest first
}

// over reports whether nothing of the entry counts any more.
func (e *guardEntry) over(now time.Time) bool {
	return len(e.times) == 0 || now.Sub(e.times[len(e.times)-1]) >= guardWindow
}

func newLoginGuard(clock Clock) *loginGuard {
	return &loginGuard{clock: clock, byKey: map[string]*list.Element{}, recent: list.New()}
}

// attempt is one log-in under way.
type attempt struct {
	guard *loginGuard
	at    time.Time
	keys  []string
}

// begin takes a place for an attempt on an account from an address. wait > 0:
// there is none, and the next comes free after it.
func (g *loginGuard) begin(account, address string) (a *attempt, wait time.Duration) {
	now := g.clock()
	account, address = guardAccountClass+account, guardAddressClass+address
	g.mu.Lock()
	defer g.mu.Unlock()
	wait = max(g.full(account, guardPerAccount, now), g.full(address, guardPerAddress, now))
	if wait > 0 {
		return nil, wait
	}
	a = &attempt{guard: g, at: now, keys: []string{account, address}}
	for _, key := range a.keys {
		e := g.entry(key)
		e.times = append(e.times, now)
	}
	return a, 0
}

// forgive gives the attempt's place back: the password was right, or was never
// looked at.
func (a *attempt) forgive() {
	if a == nil {
		return
	}
	a.guard.mu.Lock()
	defer a.guard.mu.Unlock()
	for _, key := range a.keys {
		el, ok := a.guard.byKey[key]
		if !ok {
			continue
		}
		e := el.Value.(*guardEntry)
		for i, t := range e.times {
			if t.Equal(a.at) {
				e.times = append(e.times[:i], e.times[i+1:]...)
				break
			}
		}
	}
}

// full returns how long until a key has a place again; 0: it has one now.
func (g *loginGuard) full(key string, limit int, now time.Time) time.Duration {
	el, ok := g.byKey[key]
	if !ok {
		return 0
	}
	e := el.Value.(*guardEntry)
	for len(e.times) > 0 && now.Sub(e.times[0]) >= guardWindow {
		e.times = e.times[1:]
	}
	if len(e.times) < limit {
		return 0
	}
	return guardWindow - now.Sub(e.times[0])
}

// entry returns the key's entry, making it and dropping the one touched longest
// ago where there are too many.
func (g *loginGuard) entry(key string) *guardEntry {
	if el, ok := g.byKey[key]; ok {
		g.recent.MoveToFront(el)
		return el.Value.(*guardEntry)
	}
	for range 2 { // more than come in: what is over is forgotten in time
		last := g.recent.Back()
		if last == nil || g.recent.Len() < guardMaxWatched && !last.Value.(*guardEntry).over(g.clock()) {
			break
		}
		delete(g.byKey, last.Value.(*guardEntry).key)
		g.recent.Remove(last)
	}
	e := &guardEntry{key: key}
	g.byKey[key] = g.recent.PushFront(e)
	return e
}
