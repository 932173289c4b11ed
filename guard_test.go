package jeton

import (
	"fmt"
	"testing"
	"time"
)

func TestGuardCountsFailuresOnly(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	g := newLoginGuard(func() time.Time { return now })
	for i := range 200 {
		a, wait := g.begin("ann", "10.0.0.1")
		if wait > 0 {
			t.Fatalf("attempt %d must wait %v though all were right", i, wait)
		}
		a.forgive()
	}
	for range guardPerAccount {
		if _, wait := g.begin("ann", "10.0.0.1"); wait > 0 {
			t.Fatalf("must wait %v before the limit", wait)
		}
		now = now.Add(time.Second)
	}
	_, wait := g.begin("ann", "10.0.0.2")
	if want := guardWindow - guardPerAccount*time.Second; wait != want {
		t.Errorf("past the account's limit: wait %v, want %v", wait, want)
	}
	if _, wait := g.begin("bob", "10.0.0.1"); wait > 0 {
		t.Errorf("another account must wait %v", wait)
	}
	now = now.Add(wait)
	if _, wait := g.begin("ann", "10.0.0.2"); wait > 0 {
		t.Errorf("after the window: must wait %v", wait)
	}
}

func TestGuardPerAddress(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	g := newLoginGuard(func() time.Time { return now })
	for i := range guardPerAddress {
		if _, wait := g.begin(fmt.Sprint("user", i), "10.0.0.1"); wait > 0 {
			t.Fatalf("attempt %d must wait %v", i, wait)
		}
	}
	if _, wait := g.begin("somebody", "10.0.0.1"); wait <= 0 {
		t.Error("past the address's limit: need not wait")
	}
}

func TestGuardIsBounded(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	g := newLoginGuard(func() time.Time { return now })
	for i := range guardMaxWatched + 500 {
		g.begin(fmt.Sprint("user", i), fmt.Sprint("address", i))
	}
	if len(g.byKey) > guardMaxWatched || g.recent.Len() != len(g.byKey) {
		t.Errorf("%d watched, %d in order", len(g.byKey), g.recent.Len())
	}
}
