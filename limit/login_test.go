package limit_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"jeton"
	"jeton/limit"
)

// guessing is a service's limits of log-ins, with a clock.
type guessing struct {
	*limit.Service
	t   *testing.T
	now *at
}

func startGuessing(t *testing.T) guessing { return guessing{limit.ForService(), t, start()} }

// try makes an attempt and compares what is allowed: "compare" or "skip", and the answer to a
// wrong password: "wrong" or "wait".
func (g guessing) try(a jeton.Attempt, want string) {
	g.t.Helper()
	if got := g.outcome(a); got != want {
		g.t.Fatalf("%+v: %s, want %s", a, got, want)
	}
}

func (g guessing) outcome(a jeton.Attempt) string {
	admitted := g.LogIn(a, g.now.Time)
	out := "skip"
	if admitted.Compare {
		out = "compare"
	}
	if admitted.Wait > 0 {
		return out + ", wait"
	}
	return out + ", wrong"
}

func ann(name, network string) jeton.Attempt {
	return jeton.Attempt{Account: "u-ann", Name: name, Network: network}
}

func home(name string) jeton.Attempt {
	a := ann(name, "10.0.0.1")
	a.Known = true
	return a
}

func nobody(name, network string) jeton.Attempt { return jeton.Attempt{Name: name, Network: network} }

const (
	compared = "compare, wrong"
	skipped  = "skip, wrong"
	refused  = "skip, wait"
)

// Guesses count together however the account is named, and the answers do not show it: they are
// those of names that belong to no account.
func TestNamesCountTogether(t *testing.T) {
	g := startGuessing(t)
	for i := range 10 {
		g.try(ann("ann", fmt.Sprint("10.1.0.", i)), compared)
	}
	for i := range 10 {
		g.try(ann("ann@example.com", fmt.Sprint("10.1.1.", i)), skipped)
		g.try(nobody("bob@example.com", fmt.Sprint("10.1.2.", i)), compared) // with no hash
	}
	for _, name := range []string{"ann", "ann@example.com"} {
		g.try(ann(name, "10.9.9.9"), refused)
	}
	g.try(nobody("bob@example.com", "10.9.9.9"), refused)
	g.now.advance(15*time.Minute + time.Second)
	g.try(ann("ann@example.com", "10.9.9.9"), compared)
}

// A known network has a budget of its own, which is bounded too. The answer to a wrong password
// is what it would be for a name of no account.
func TestKnownNetworkHasItsOwnBudget(t *testing.T) {
	g := startGuessing(t)
	for i := range 12 {
		want := compared
		if i >= 10 {
			want = refused
		}
		g.try(ann("ann", fmt.Sprint("10.1.0.", i)), want)
	}
	for range 10 {
		g.try(home("ann"), "compare, wait")
	}
	g.try(home("ann"), refused)
	g.try(home("ann@example.com"), skipped)
	other := home("ann")
	other.Network = "10.0.0.2" // known too
	g.try(other, "compare, wait")
}

// A network's limit holds for all names, and does not keep a user out that logged in from there.
func TestNetworksAreLimited(t *testing.T) {
	g := startGuessing(t)
	for i := range 50 {
		g.try(nobody(fmt.Sprint("user", i), "10.0.0.1"), compared)
	}
	for range 20 {
		g.try(ann("ann", "10.0.0.1"), refused)
	}
	g.try(ann("ann", "10.0.0.2"), compared)
	g.try(home("ann"), "compare, wait")
}

// All networks of a /48 have a limit together.
func TestWideNetworksAreLimited(t *testing.T) {
	g := startGuessing(t)
	for i := range 200 {
		g.try(nobody(fmt.Sprint("user", i), fmt.Sprintf("2001:db8:1:%x::/64", i)), compared)
	}
	g.try(ann("ann", "2001:db8:1:ffff::/64"), refused)
	g.try(ann("ann", "2001:db8:2:ffff::/64"), compared)
}

// A user's own password has a limit of its own: strangers cannot use it up, and another network
// gives no more tries.
func TestOwnPassword(t *testing.T) {
	g := startGuessing(t)
	own := func(network string) jeton.Attempt {
		return jeton.Attempt{Account: "u-ann", Network: network, Own: true}
	}
	for i := range 11 {
		g.outcome(ann("ann", fmt.Sprint("10.1.0.", i)))
	}
	for i := range 10 {
		g.try(own(fmt.Sprint("10.2.0.", i)), compared)
	}
	g.try(own("10.2.0.99"), refused)
}

func TestForgetGivesAllBack(t *testing.T) {
	g := startGuessing(t)
	bob := jeton.Attempt{Account: "u-bob", Name: "bob", Network: "10.5.0.1"}
	for i := range 12 {
		g.outcome(ann("ann", fmt.Sprint("10.1.0.", i)))
		g.outcome(home("ann"))
		g.outcome(jeton.Attempt{Account: "u-ann", Own: true})
		g.outcome(bob)
	}
	g.Forget("u-ann", g.now.Time)
	g.try(home("ann"), compared)
	g.try(ann("ann", "10.3.0.1"), compared)
	g.try(jeton.Attempt{Account: "u-ann", Own: true}, compared)
	g.try(bob, refused)
}

func TestGivenBack(t *testing.T) {
	g := startGuessing(t)
	for i := range 200 {
		for _, a := range []jeton.Attempt{ann("ann", "10.0.0.7"), home("ann"), {Account: "u-ann", Own: true}} {
			admitted := g.LogIn(a, g.now.Time)
			if !admitted.Compare || admitted.Wait > 0 {
				t.Fatalf("attempt %d: %+v though all were right", i, admitted)
			}
			admitted.GiveBack()
		}
	}
}

// Parallel attempts get no more places than sequential ones.
func TestLogInsAtOnce(t *testing.T) {
	g := startGuessing(t)
	var mu sync.Mutex
	let := 0
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			a := g.LogIn(ann(fmt.Sprint("name", i), fmt.Sprint("10.0.0.", i)), g.now.Add(-time.Duration(i)*time.Microsecond))
			mu.Lock()
			defer mu.Unlock()
			if a.Compare {
				let++
			}
		})
	}
	all.Wait()
	if let != 10 {
		t.Errorf("%d of 100 attempts were let through", let)
	}
}

// Ten thousand networks that each fail several times, at other names, take little memory.
func TestLogInsTakeLittleMemory(t *testing.T) {
	g := startGuessing(t)
	before := heap()
	for try := range 6 {
		for i := range 10_000 {
			network := fmt.Sprintf("2001:db8:%x:1::/64", i)
			a := nobody(fmt.Sprint("user", i, try), network)
			if i%2 == 0 {
				a.Account = fmt.Sprint("u", i)
			}
			g.LogIn(a, g.now.Time)
		}
	}
	if used := heap() - before; used > 10<<20 {
		t.Errorf("%d KiB", used>>10)
	} else {
		t.Logf("%d KiB", used>>10)
	}
	runtime.KeepAlive(g)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkLogIn is one failed attempt, each from one of 10,000 networks.
func BenchmarkLogIn(b *testing.B) {
	s, now := limit.ForService(), start()
	networks := make([]string, 10_000)
	for i := range networks {
		networks[i] = fmt.Sprintf("2001:db8:%x:1::/64", i)
	}
	for i := range b.N {
		now.advance(time.Millisecond)
		s.LogIn(jeton.Attempt{Account: "u-ann", Name: networks[i%7777], Network: networks[i%len(networks)]}, now.Time)
	}
}
