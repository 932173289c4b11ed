package storetest

import (
	"context"
	"fmt"
	"sync/atomic"

	"jeton"
)

func (f *fixture) use(uses ...jeton.Use) {
	f.Helper()
	f.must(f.store.AddUses(f.ctx, uses))
}

func (f *fixture) usesOf(id string) jeton.TokenUses {
	f.Helper()
	got, err := f.store.TokenUses(f.ctx, id)
	f.must(err)
	return got
}

func testUses(f *fixture) {
	ann := f.user("ann")
	used, other := f.token(ann.ID), f.token(ann.ID)
	today := jeton.DayOf(start)
	f.is("before", f.usesOf(used.ID), jeton.TokenUses{TokenID: used.ID, Days: []jeton.UseDay{}})
	at := f.position()
	f.use(jeton.Use{TokenID: used.ID, At: start, Address: "192.0.2.1", Count: 3})
	f.use(
		jeton.Use{TokenID: f.id(), At: start, Address: "192.0.2.9", Count: 1}, // unknown
		jeton.Use{TokenID: "a\x00", At: start, Address: "192.0.2.9", Count: 1},
		jeton.Use{TokenID: used.ID, At: start + day, Address: "192.0.2.2", Count: 4},
		jeton.Use{TokenID: used.ID, At: start + 5, Address: "192.0.2.3", Count: 2}, // late, as from another node
	)
	f.is("uses", f.usesOf(used.ID), jeton.TokenUses{
		TokenID: used.ID, LastUsedAt: start + day, Address: "192.0.2.2",
		Days: []jeton.UseDay{{Day: today + 1, Uses: 4}, {Day: today, Uses: 5}},
	})
	f.use(jeton.Use{TokenID: used.ID, At: start + day, Count: 1}) // from an unknown address: the known one stays
	f.is("uses", f.usesOf(used.ID).Address, "192.0.2.2")
	f.is("of another token", f.usesOf(other.ID), jeton.TokenUses{TokenID: other.ID, Days: []jeton.UseDay{}})
	f.is("position", f.position(), at)
	used.LastUsedAt = start + day
	f.is("in every read", f.everyRead(ann, used.ID), []jeton.Token{used, used, used, used, used})
	_, err := f.store.TokenUses(f.ctx, f.id())
	f.fails("an unknown token", err, jeton.ErrNotFound)
	_, err = f.store.TokenUses(f.ctx, "a\x00")
	f.fails("invalid text", err, jeton.ErrNotFound)
	f.use()
}

// everyRead returns a token as each read returns it.
func (f *fixture) everyRead(owner jeton.User, id string) (out []jeton.Token) {
	f.Helper()
	add := func(tokens []jeton.Token, err error) {
		f.must(err)
		for _, t := range tokens {
			if t.ID == id {
				out = append(out, t)
			}
		}
	}
	t, err := f.store.Token(f.ctx, id)
	add([]jeton.Token{t}, err)
	page, err := f.store.TokensOf(f.ctx, owner.ID, 0, 10)
	add(page.Tokens, err)
	page, err = f.store.Tokens(f.ctx, 0, 10)
	add(page.Tokens, err)
	add(f.store.SearchTokens(f.ctx, owner.Username, 10))
	f.change(func(tx jeton.Tx) error {
		t, err := tx.Token(id)
		out = append(out, t)
		return err
	})
	return out
}

// testUsesMany writes a full batch of uses.
func testUsesMany(f *fixture) {
	ann := f.user("ann")
	var uses []jeton.Use
	f.change(func(tx jeton.Tx) error {
		for range jeton.UseBatch {
			t := f.newToken(ann.ID)
			uses = append(uses, jeton.Use{TokenID: t.ID, At: start + int64(len(uses)), Count: 1})
			if err := tx.AddToken(t, f.digest()); err != nil {
				return err
			}
		}
		return nil
	})
	f.use(uses...)
	page, err := f.store.TokensOf(f.ctx, ann.ID, 0, jeton.UseBatch)
	f.must(err)
	for i, t := range page.Tokens {
		f.is(t.ID, t.LastUsedAt, start+int64(i))
	}
}

// testUseDays: reads return at most UseDays days.
func testUseDays(f *fixture) {
	used := f.token(f.user("ann").ID)
	for i := range int64(jeton.UseDays + 5) {
		f.use(jeton.Use{TokenID: used.ID, At: start + i*day, Count: i + 1})
	}
	days := f.usesOf(used.ID).Days
	f.is("days", len(days), jeton.UseDays)
	f.is("the newest", days[0], jeton.UseDay{Day: jeton.DayOf(start) + jeton.UseDays + 4, Uses: jeton.UseDays + 5})
}

// testUsesRemoved: uses are removed with their token, and with the token's owner.
func testUsesRemoved(f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	revoked, deleted, kept := f.token(ann.ID), f.token(ann.ID), f.token(bob.ID)
	for _, t := range []jeton.Token{revoked, deleted, kept} {
		f.use(jeton.Use{TokenID: t.ID, At: start, Address: "192.0.2.1", Count: 1})
	}
	f.change(func(tx jeton.Tx) error { return tx.RemoveTokens([]string{revoked.ID}, start) })
	f.change(func(tx jeton.Tx) error { return tx.RemoveUser(ann.ID, start) })
	for _, t := range []jeton.Token{revoked, deleted} {
		_, err := f.store.TokenUses(f.ctx, t.ID)
		f.fails("uses of a removed token", err, jeton.ErrNotFound)
		f.use(jeton.Use{TokenID: t.ID, At: start, Count: 1}) // it may arrive late
		again := f.newToken(bob.ID)
		again.ID = t.ID
		f.change(func(tx jeton.Tx) error { return tx.AddToken(again, f.digest()) })
		f.is("nothing is left", f.usesOf(t.ID), jeton.TokenUses{TokenID: t.ID, Days: []jeton.UseDay{}})
	}
	f.is("of another token", len(f.usesOf(kept.ID).Days), 1)
}

// testUsesQueue: uses are written after the changes in the queue, also after those that were
// queued later. Their wait ends with their context.
func testUsesQueue(f *fixture) {
	used := f.token(f.user("ann").ID)
	uses := []jeton.Use{{TokenID: used.ID, At: start, Count: 1}}
	ctx, cancel := context.WithCancel(f.ctx)
	held := Hold(f, f.store)
	var added, cancelled, changed error
	returned := make(chan struct{})
	held.Queue(func() { added = f.store.AddUses(f.ctx, uses) })
	held.Queue(func() { cancelled = f.store.AddUses(ctx, uses); close(returned) })
	held.Queue(func() {
		changed = f.refused(func(tx jeton.Tx) error {
			t, err := tx.Token(used.ID)
			if err == nil && t.LastUsedAt != 0 {
				err = fmt.Errorf("a change ran after the uses")
			}
			return err
		})
	})
	cancel()
	f.returns("the cancelled uses", func() { <-returned }) // the store is still held
	held.Release()
	f.must(added)
	f.fails("cancelled in the queue", cancelled, context.Canceled)
	f.must(changed)
	f.is("written once", f.usesOf(used.ID).Days, []jeton.UseDay{{Day: jeton.DayOf(start), Uses: 1}})
}

// testUsesNotStarved: in a long queue of changes, uses are written before the last change.
func testUsesNotStarved(f *fixture) {
	const waiting = 3000
	used := f.token(f.user("ann").ID)
	held := Hold(f, f.store)
	var added error
	held.Queue(func() { added = f.store.AddUses(f.ctx, []jeton.Use{{TokenID: used.ID, At: start, Count: 1}}) })
	var seen atomic.Bool
	held.QueueMany(waiting, func(int) {
		_ = f.refused(func(tx jeton.Tx) error {
			if t, err := tx.Token(used.ID); err == nil && t.LastUsedAt != 0 {
				seen.Store(true)
			}
			return errRefused
		})
	})
	held.Release()
	f.must(added)
	f.is("written before the last change", seen.Load(), true)
}

func testClearOld(f *fixture) {
	ann := f.user("ann")
	used := f.token(ann.ID)
	for i := range int64(10) {
		f.use(jeton.Use{TokenID: used.ID, At: start + i*day, Count: 1})
	}
	var digests []jeton.Digest
	for i := range int64(10) {
		t, d := f.tokenWith(ann.ID)
		digests = append(digests, d)
		f.change(func(tx jeton.Tx) error { return tx.RemoveTokens([]string{t.ID}, start+i*day) })
	}
	live, liveDigest := f.tokenWith(ann.ID)
	at := f.position()
	old := jeton.Old{UsesBefore: jeton.DayOf(start) + 4, RetiredBefore: start + 3*day, Limit: 3}
	for _, want := range []int64{6, 1, 0} {
		n, err := f.store.ClearOld(f.ctx, old)
		f.must(err)
		f.is("removed", n, want)
	}
	days := f.usesOf(used.ID).Days
	f.is("days left", len(days), 6)
	f.is("the oldest left", days[5].Day, old.UsesBefore)
	f.is("the last use stays", f.usesOf(used.ID).LastUsedAt, start+9*day)
	f.is("position", f.position(), at)
	for i, d := range digests {
		_, err := f.try(func(tx jeton.Tx) error { return tx.AddToken(f.newToken(ann.ID), d) })
		f.is(fmt.Sprint("forgotten ", i), err == nil, i < 3)
	}
	c, err := f.store.Credential(f.ctx, liveDigest, jeton.KindToken)
	f.must(err)
	f.is("in use", c.ID, live.ID)
}
