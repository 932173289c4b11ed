package limit

import (
	"strconv"
	"sync"
	"time"

	"jeton"
)

// logIns limits attempts at passwords. There are two kinds of limits (docs/adr/0018).
//
// The visible limits count by what the client knows: the name that it typed, and its network.
// They alone decide the answer to a wrong password. The hidden limits count by the account,
// whatever name was typed. They decide whether a password is compared at all, and no answer
// shows them: so no client learns that a name and an e-mail address are one account, or that
// an account exists.
type logIns struct {
	mu sync.Mutex // makes the checks of all limits and the taking of places atomic

	// Visible.
	names    *Limiter // by the name that was typed
	networks *Limiter // by network
	wides    *Limiter // by the wide network, where that is another

	// Hidden.
	strangers *Limiter // by account, from all networks that are new to it
	known     *Limiter // by account and network that it logged in from

	forgotten map[string]time.Time // by account: when its attempts were forgotten
}

// maxForgotten bounds the accounts in forgotten, which administrators fill.
const maxForgotten = 10_000

func newLogIns() logIns {
	return logIns{
		names: New(LogInsOfName), networks: New(LogInsOfNetwork), wides: New(LogInsOfWide),
		strangers: New(LogInsOfAccount), known: New(LogInsOfAccount), forgotten: map[string]time.Time{},
	}
}

// place is one place of a limit.
type place struct {
	limiter *Limiter
	key     string
}

// admit takes places for an attempt.
func (l *logIns) admit(a jeton.Attempt, now time.Time) jeton.Admission {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.visible(a)
	wait := time.Duration(0)
	for _, p := range taken {
		wait = max(wait, p.limiter.Wait(p.key, now))
	}
	if wait > 0 {
		taken = nil
	}
	compare := wait == 0 || a.Known && !a.Own
	if hidden := l.hidden(a); compare && hidden.limiter != nil {
		if compare = hidden.limiter.Wait(hidden.key, now) == 0; compare {
			taken = append(taken, hidden)
		}
	}
	for _, p := range taken {
		p.limiter.Take(p.key, now)
	}
	return jeton.Admission{Compare: compare, Wait: wait, GiveBack: func() {
		for _, p := range taken {
			p.limiter.GiveBack(p.key, now)
		}
	}}
}

// visible returns the places that the client can know of. The attempts of an authenticated user
// at its own password have a limit of their own, whatever the network.
func (l *logIns) visible(a jeton.Attempt) []place {
	if a.Own {
		return []place{{l.names, "own " + l.keyOf(a.Account)}}
	}
	name := "name " + a.Name
	if at, ok := l.forgotten[a.Account]; ok {
		name = strconv.FormatInt(at.UnixNano(), 36) + name
	}
	out := []place{{l.names, name}, {l.networks, a.Network}}
	if wide := Wide(a.Network); wide != a.Network {
		out = append(out, place{l.wides, wide})
	}
	return out
}

// hidden returns the place of the account; none: there is no such account, or the visible place
// is the account's.
func (l *logIns) hidden(a jeton.Attempt) place {
	switch {
	case a.Own || a.Account == "":
		return place{}
	case a.Known:
		return place{l.known, l.keyOf(a.Account) + " " + a.Network}
	}
	return place{l.strangers, l.keyOf(a.Account)}
}

// keyOf returns an account's key: another one since its attempts were forgotten.
func (l *logIns) keyOf(account string) string {
	if at, ok := l.forgotten[account]; ok {
		return account + "@" + strconv.FormatInt(at.UnixNano(), 36)
	}
	return account
}

// forget gives an account all places back.
func (l *logIns) forget(account string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.forgotten) >= maxForgotten {
		l.dropForgotten(now)
	}
	l.forgotten[account] = now
}

// dropForgotten drops what no place depends on any more: places taken before that time are
// back. If there is none, it drops all: their accounts then have the places of before.
func (l *logIns) dropForgotten(now time.Time) {
	for account, at := range l.forgotten {
		if now.Sub(at) > LogInsOfAccount.Per {
			delete(l.forgotten, account)
		}
	}
	if len(l.forgotten) >= maxForgotten {
		clear(l.forgotten)
	}
}
