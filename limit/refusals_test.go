package limit_test

import (
	"fmt"
	"testing"
	"time"

	"jeton"
	"jeton/limit"
)

// lines asks for lines for many clients, and returns how many of them may begin.
func lines(s *limit.Service, kind jeton.RefusalLine, clients int, client func(i int) (actor, network string), now time.Time) (let int) {
	for i := range clients {
		if actor, network := client(i); s.Refusal(kind, actor, network, now) {
			let++
		}
	}
	return let
}

func inNetwork(i int) (actor, network string) { return "", fmt.Sprint("network", i) }

// The lines of one client are a small part of all: of a network, of an actor, and of the
// actors of a network. A network's lines are not those of its actors.
func TestRefusalLinesOfOneClient(t *testing.T) {
	s, now := limit.ForService(), time.Unix(1_700_000_000, 0)
	one := func(int) (string, string) { return "", "a" }
	actor := func(int) (string, string) { return "ann", "a" }
	actors := func(i int) (string, string) { return fmt.Sprint("user", i), "a" }
	for _, kind := range []jeton.RefusalLine{jeton.RefusalOwn, jeton.RefusalClient} {
		if n := lines(s, kind, 3000, one, now); n != 200 {
			t.Errorf("kind %d: %d lines of a network", kind, n)
		}
	}
	if n := lines(s, jeton.RefusalOwn, 3000, actor, now); n != 200 {
		t.Errorf("%d lines of an actor", n)
	}
	if n := lines(s, jeton.RefusalOwn, 3000, actors, now); n != 800 {
		t.Errorf("%d lines of the other actors of the network", n)
	}
	if n := lines(s, jeton.RefusalOwn, 1, func(int) (string, string) { return "bob", "b" }, now); n != 1 {
		t.Error("an actor elsewhere has no line")
	}
}

// The lines of all clients are bounded, for a minute and for long, and neither kind of
// client takes those of the other.
func TestRefusalLinesOfMany(t *testing.T) {
	s, now := limit.ForService(), time.Unix(1_700_000_000, 0)
	for range 3 {
		if n := lines(s, jeton.RefusalOwn, 10_000, inNetwork, now); n != 2000 {
			t.Errorf("%d lines of networks in a minute", n)
		}
		if n := lines(s, jeton.RefusalAccount, 10_000, inNetwork, now); n != 500 {
			t.Errorf("%d lines of accounts in a minute", n)
		}
		known := func(i int) (string, string) { return fmt.Sprint("user", i), fmt.Sprint("network", i) }
		if n := lines(s, jeton.RefusalOwn, 10_000, known, now); n != 2000 {
			t.Errorf("%d lines of known actors in a minute", n)
		}
		now = now.Add(time.Minute)
	}
	const days = 5
	total := 0
	for range days * 24 * 6 {
		total += lines(s, jeton.RefusalOwn, 2100, func(i int) (string, string) { return "", fmt.Sprint(now.Unix(), i) }, now)
		now = now.Add(10 * time.Minute)
	}
	if most := (days + 1) * 50_000; total > most || total < days*49_000 {
		t.Errorf("%d lines in %d days", total, days)
	}
}
