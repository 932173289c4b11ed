package web

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"jeton"
)

// fail writes an error in the front's shape, and remembers it for the log.
func (f *Funnel) fail(c *Call, err error) {
	c.cause = err
	f.Fail(c, err)
}

// RetryAfter returns the seconds that an error asks the client to wait, at least one.
func RetryAfter(err error) int {
	if e, ok := errors.AsType[*jeton.Error](err); ok {
		return max(1, int((e.RetryAfter+time.Second-1)/time.Second))
	}
	return 1
}

// finish ends a call: it answers 500 after a panic, logs one line, and puts the call
// back into the pool.
func (f *Funnel) finish(c *Call, start time.Time) {
	broken := recover()
	abort := broken == http.ErrAbortHandler //nolint:errorlint // net/http compares it the same way
	if broken != nil && !abort {
		abort = c.status != 0 // the client must not take half an answer for a whole one
		f.panicked(c, broken)
	}
	f.access(c, start)
	f.answered(c, start)
	*c = Call{}
	calls.Put(c)
	if abort {
		panic(http.ErrAbortHandler)
	}
}

// panicked logs where a handler panicked, and answers 500 if nothing is written yet.
// It logs the value only if the runtime made it: any other can hold something that
// the client sent.
func (f *Funnel) panicked(c *Call, broken any) {
	what := fmt.Sprintf("%T", broken)
	if e, ok := broken.(runtime.Error); ok {
		what = e.Error()
	}
	f.Log.Error("panic", "request_id", c.ID, "route", c.route(), "panic", what, "stack", string(debug.Stack()))
	if c.status == 0 {
		f.fail(c, &jeton.Error{Code: jeton.CodeInternal})
	}
}
