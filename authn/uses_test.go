package authn_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/sqlstore"
)

var midnight = time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)

// useFixture is a real store. It counts the uses written to it, and can delay writes and make
// them fail.
type useFixture struct {
	*sqlstore.Store
	t    *testing.T
	uses *authn.Uses
	log  bytes.Buffer

	mu    sync.Mutex
	fail  error
	hold  chan struct{} // not nil: AddUses waits until it is closed
	began chan struct{} // receives one value for each call, if there is room
	calls int
	taken int64 // the number of uses written
}

func (f *useFixture) AddUses(ctx context.Context, uses []jeton.Use) error {
	f.mu.Lock()
	f.calls++
	fail, hold := f.fail, f.hold
	f.mu.Unlock()
	select {
	case f.began <- struct{}{}:
	default:
	}
	if hold != nil {
		<-hold
	}
	if fail != nil {
		return fail
	}
	if len(uses) > jeton.UseBatch {
		f.t.Errorf("%d uses at once", len(uses))
	}
	err := f.Store.AddUses(ctx, uses)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range uses {
		f.taken += u.Count
	}
	return err
}

func (f *useFixture) set(fail error, hold chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.hold = fail, hold
}

func (f *useFixture) count() (calls int, taken int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls, f.taken
}

func newUseFixture(t *testing.T) *useFixture {
	t.Helper()
	f := &useFixture{t: t, began: make(chan struct{}, 1)}
	var err error
	if f.Store, err = sqlstore.Open(context.Background(), sqlstore.Options{URL: filepath.Join(t.TempDir(), "jeton.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	f.uses = authn.NewUses(authn.UsesOptions{Store: f, Log: slog.New(slog.NewTextHandler(&f.log, nil))})
	return f
}

func (f *useFixture) token() string {
	f.t.Helper()
	id := jeton.NewID(time.Now(), rand.Reader)
	_, d, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
	_, _, err := f.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: id}, tx.AddToken(jeton.Token{ID: id, UserID: "owner", Active: true}, d)
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

func (f *useFixture) note(id, address string, at time.Time) { f.uses.Note(id, address, at.UnixMilli()) }

func (f *useFixture) flush(want error) {
	f.t.Helper()
	if err := f.uses.Flush(context.Background()); !errors.Is(err, want) {
		f.t.Errorf("flush: %v, want %v", err, want)
	}
}

// is compares a token's uses with "last address day:uses day:uses".
func (f *useFixture) is(id, want string) {
	f.t.Helper()
	u, err := f.TokenUses(context.Background(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	got := fmt.Sprint(u.LastUsedAt-midnight.UnixMilli(), " ", u.Address)
	for _, d := range u.Days {
		got += fmt.Sprint(" ", d.Day-jeton.DayOf(midnight.UnixMilli()), ":", d.Uses)
	}
	if got != want {
		f.t.Errorf("uses %q, want %q", got, want)
	}
}

func TestUsesAreGathered(t *testing.T) {
	f := newUseFixture(t)
	a, b := f.token(), f.token()
	f.note(a, "192.0.2.1", midnight.Add(time.Hour))
	f.note(a, "192.0.2.2", midnight.Add(2*time.Hour))
	f.note(a, "192.0.2.3", midnight.Add(time.Hour)) // arrives late
	f.note(b, "192.0.2.4", midnight)
	f.flush(nil)
	f.is(a, "7200000 192.0.2.2 0:3")
	f.is(b, "0 192.0.2.4 0:1")
	f.flush(nil)
	f.is(a, "7200000 192.0.2.2 0:3")
	f.note(a, "192.0.2.5", midnight.Add(3*time.Hour))
	f.flush(nil)
	f.is(a, "10800000 192.0.2.5 0:4")
	f.note(a, "192.0.2.6", midnight.Add(4*time.Hour))
	f.note(a, "", midnight.Add(5*time.Hour)) // an unknown address does not replace the known one
	f.flush(nil)
	f.is(a, "18000000 192.0.2.6 0:6")
}

func TestUsesAcrossMidnight(t *testing.T) {
	f := newUseFixture(t)
	id := f.token()
	f.note(id, "192.0.2.1", midnight.Add(-time.Millisecond))
	f.note(id, "192.0.2.2", midnight)
	f.note(id, "192.0.2.3", midnight.Add(-2*time.Millisecond)) // arrives after the first use of the next day
	f.note(id, "192.0.2.4", midnight.Add(time.Millisecond))
	f.flush(nil)
	f.is(id, "1 192.0.2.4 0:2 -1:2")
}

// TestUsesAreKept: after failed writes, no use is lost or counted twice.
func TestUsesAreKept(t *testing.T) {
	f := newUseFixture(t)
	id := f.token()
	away := errors.New("away")
	f.set(away, nil)
	f.note(id, "192.0.2.1", midnight.Add(-1))
	f.flush(away)
	f.note(id, "192.0.2.2", midnight)
	f.flush(away)
	f.note(id, "192.0.2.3", midnight.Add(time.Second))
	f.set(nil, nil)
	f.flush(nil)
	f.is(id, "1000 192.0.2.3 0:2 -1:1")
	if calls, taken := f.count(); calls != 3 || taken != 3 {
		t.Errorf("%d uses in %d calls", taken, calls)
	}
}

// TestUsesNeverWait: while the store hangs, Note does not wait, and Flush ends with its
// context.
func TestUsesNeverWait(t *testing.T) {
	f := newUseFixture(t)
	id := f.token()
	hold := make(chan struct{})
	f.set(nil, hold)
	f.note(id, "192.0.2.1", midnight)
	done := make(chan error, 1)
	go func() { done <- f.uses.Flush(context.Background()) }()
	<-f.began
	f.note(id, "192.0.2.2", midnight.Add(time.Second)) // must not wait
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.uses.Flush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a second flush: %v", err)
	}
	close(hold)
	if err := <-done; err != nil {
		t.Error(err)
	}
	f.flush(nil)
	f.is(id, "1000 192.0.2.2 0:2")
}

// TestUsesFlood: when the buffer is full, uses of further tokens are dropped and counted. The
// buffer does not grow while the store fails.
func TestUsesFlood(t *testing.T) {
	f := newUseFixture(t)
	away := errors.New("away")
	f.set(away, nil)
	const tokens, most = 200_000, 1 << 16
	for i := range tokens {
		f.note(fmt.Sprintf("%026d", i), "192.0.2.1", midnight)
		if i == most {
			f.flush(away)
		}
	}
	f.set(nil, nil)
	f.flush(nil)
	_, taken := f.count()
	if taken > most || taken < most*9/10 {
		t.Errorf("%d uses were kept", taken)
	}
	if want := fmt.Sprint("count=", tokens-taken); !strings.Contains(f.log.String(), want) {
		t.Errorf("the log does not have %s: %s", want, f.log.String())
	}
	f.note(f.token(), "192.0.2.1", midnight) // the buffer is empty again
	f.flush(nil)
	if _, now := f.count(); now != taken+1 {
		t.Errorf("%d uses were kept after the flood", now-taken)
	}
}

// TestUsesRun: Run writes every 30 s, earlier when the buffer fills, only at the next tick
// after a failure, and once more at its end.
func TestUsesRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newUseFixture(t)
		id := f.token()
		ctx, end := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { defer close(ended); f.uses.Run(ctx) }()
		wants := func(what string, calls int, taken int64) {
			t.Helper()
			synctest.Wait()
			if c, n := f.count(); c != calls || n != taken {
				t.Errorf("%s: %d uses in %d calls, want %d in %d", what, n, c, taken, calls)
			}
		}
		f.note(id, "192.0.2.1", midnight)
		time.Sleep(authn.DefaultUsesEvery - time.Second)
		wants("before the time", 0, 0)
		time.Sleep(2 * time.Second)
		wants("in time", 1, 1)
		f.set(errors.New("away"), nil)
		for i := range 40_000 {
			f.note(fmt.Sprintf("%026d", i), "192.0.2.1", midnight)
			if i%1000 == 0 {
				synctest.Wait()
			}
		}
		wants("a flood, while the store is away", 2, 1)
		f.set(nil, nil)
		time.Sleep(authn.DefaultUsesEvery)
		wants("the next time", 2+160, 40_001)
		f.note(id, "192.0.2.2", midnight.Add(time.Second))
		end()
		<-ended
		wants("at the end", 3+160, 40_002)
		_ = f.Close()
	})
}

func TestUsesAtOnce(t *testing.T) {
	f := newUseFixture(t)
	id := f.token()
	const workers, each = 8, 2000
	var notes sync.WaitGroup
	for range workers {
		notes.Go(func() {
			for range each {
				f.note(id, "192.0.2.1", midnight)
			}
		})
	}
	for range 5 {
		f.flush(nil)
	}
	notes.Wait()
	f.flush(nil)
	f.is(id, fmt.Sprint("0 192.0.2.1 0:", workers*each))
}

func TestNoteAllocatesNothing(t *testing.T) {
	u := authn.NewUses(authn.UsesOptions{})
	u.Note("token", "192.0.2.1", 1)
	if n := testing.AllocsPerRun(100, func() { u.Note("token", "192.0.2.1", 2) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNote(b *testing.B) {
	ids := make([]string, 1024)
	for i := range ids {
		ids[i] = jeton.NewID(time.Now(), rand.Reader)
	}
	for name, n := range map[string]int{"one token": 1, "many tokens": len(ids)} {
		b.Run(name, func(b *testing.B) {
			u := authn.NewUses(authn.UsesOptions{})
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				for i := 0; p.Next(); i++ {
					u.Note(ids[i%n], "192.0.2.1", int64(i))
				}
			})
		})
	}
}
