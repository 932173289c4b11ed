package storetest

import (
	"context"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"jeton"
)

// T is a *testing.T, or the *rapid.T of a property.
type T interface {
	Helper()
	Cleanup(fn func())
	Context() context.Context
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Change is one change of a group: the arguments of jeton.Store.Change.
type Change struct {
	Prefetch jeton.Prefetch
	Run      func(tx jeton.Tx) (jeton.Event, error)
}

// Outcome is the result of jeton.Store.Change.
type Outcome struct {
	Event jeton.Event
	Head  jeton.Head
	Err   error
}

// Group queues changes in this order and runs them only when all of them wait. A store that
// groups queued changes then runs them in as few transactions as it can.
func Group(t T, s jeton.Store, changes ...Change) []Outcome {
	t.Helper()
	h := Hold(t, s)
	out := make([]Outcome, len(changes))
	for i, c := range changes {
		h.Queue(func() {
			out[i].Event, out[i].Head, out[i].Err = s.Change(context.WithoutCancel(t.Context()), c.Prefetch, c.Run)
		})
	}
	h.Release()
	return out
}

// Held is a store that is busy with a change: later calls stay in its queue until Release.
type Held struct {
	t       T
	end     func()
	holder  sync.WaitGroup
	calls   sync.WaitGroup
	mu      sync.Mutex
	running map[int]bool // goroutines of calls that have not returned
}

// waitLimit bounds how long a test waits for an event that must happen.
const waitLimit = 30 * time.Second

// Hold begins a change that writes nothing and lasts until Release. The end of the test
// calls Release, too.
func Hold(t T, s jeton.Store) *Held {
	t.Helper()
	begun, end := make(chan struct{}), make(chan struct{})
	h := &Held{t: t, running: map[int]bool{}, end: sync.OnceFunc(func() { close(end) })}
	t.Cleanup(h.Release)
	failed := make(chan error, 1)
	begin := sync.OnceFunc(func() { close(begun) })
	h.holder.Go(func() {
		_, _, err := s.Change(context.WithoutCancel(t.Context()), jeton.Prefetch{}, func(jeton.Tx) (jeton.Event, error) {
			begin()
			<-end
			return jeton.Event{}, jeton.ErrUnchanged
		})
		failed <- err
	})
	select {
	case <-begun:
	case err := <-failed:
		t.Fatalf("the change that holds the store: %v", err)
	}
	return h
}

// Queue starts call, which must use the store's writer, and returns when it waits in the
// queue.
func (h *Held) Queue(call func()) {
	h.t.Helper()
	h.start(call)
	h.waitUntilQueued()
}

// QueueMany starts n calls and returns when all of them wait. Their order in the queue is
// not defined.
func (h *Held) QueueMany(n int, call func(i int)) {
	h.t.Helper()
	for i := range n {
		h.start(func() { call(i) })
	}
	h.waitUntilQueued()
}

// Release ends the change that holds the store. It returns when that change and all calls
// have returned.
func (h *Held) Release() {
	h.end()
	h.holder.Wait()
	h.calls.Wait()
}

func (h *Held) start(call func()) {
	started := make(chan struct{})
	h.calls.Go(func() {
		id := goroutineID()
		h.set(id, true)
		close(started)
		defer h.set(id, false)
		call()
	})
	<-started
}

func (h *Held) set(id int, running bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if running {
		h.running[id] = true
	} else {
		delete(h.running, id)
	}
}

// waitUntilQueued returns when each call waits on a channel or a condition: since the store
// is held, that is its queue. It reads the state of the goroutines from their stacks. That
// shows real waiting only, and needs no hook in the store.
func (h *Held) waitUntilQueued() {
	h.t.Helper()
	for until := time.Now().Add(waitLimit); !h.allWait(); runtime.Gosched() {
		if time.Now().After(until) {
			h.t.Fatal("the queued calls do not wait")
		}
	}
}

func (h *Held) allWait() bool {
	waiting := waitingGoroutines()
	h.mu.Lock()
	defer h.mu.Unlock()
	for id := range h.running {
		if !waiting[id] {
			return false
		}
	}
	return true
}

var goroutineHeader = regexp.MustCompile(`(?m)^goroutine (\d+) [^\[\n]*\[([^\],]+)`)

// waitingGoroutines returns the ids of the goroutines that wait on a channel or a condition.
func waitingGoroutines() map[int]bool {
	out := map[int]bool{}
	for _, m := range goroutineHeader.FindAllStringSubmatch(allStacks(), -1) {
		switch strings.TrimSuffix(m[2], " (durable)") {
		case "select", "chan send", "chan receive", "sync.Cond.Wait":
			id, _ := strconv.Atoi(m[1]) // digits
			out[id] = true
		}
	}
	return out
}

func allStacks() string {
	for size := 1 << 18; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return string(buf[:n])
		}
	}
}

func goroutineID() int {
	buf := make([]byte, 64)
	m := goroutineHeader.FindSubmatch(buf[:runtime.Stack(buf, false)])
	id, _ := strconv.Atoi(string(m[1])) // digits
	return id
}
