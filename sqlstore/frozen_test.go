package sqlstore_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// Names of the variables by which TestFrozenNode tells its child what to do.
const (
	frozenURL = "JETON_TEST_FROZEN_URL"
	frozenAt  = "JETON_TEST_FROZEN_AT"
)

// TestFrozenNode: a node that is stopped in the middle of a change loses the lock of
// changes, not the others their service; and its change is not made afterwards.
func TestFrozenNode(t *testing.T) {
	for _, at := range []string{"before a statement", "after a statement", "after an unsent statement"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			s := mustOpen(t, sqlstore.Options{URL: url})
			addUser(t, s, "before")
			child := startFrozen(t, url, at)
			child.expect("inside")
			child.freeze()
			began, limit := time.Now(), apitest.Within(2*time.Second)
			for i := range 3 {
				addUser(t, s, fmt.Sprint("meanwhile", i))
			}
			if took := time.Since(began); took > limit {
				t.Errorf("the others waited %s for a frozen node, more than %s", took, limit)
			}
			child.thaw()
			child.expect("failed")
			child.expect("the next one: <nil>")
			for name, want := range map[string]bool{"early": false, "late": false, "meanwhile2": true, "next": true} {
				if _, err := s.UserByName(t.Context(), name); (err == nil) != want {
					t.Errorf("%s: %v", name, err)
				}
			}
			isWhole(t, s)
		})
	}
}

// TestFrozenChild is the node that TestFrozenNode stops.
func TestFrozenChild(t *testing.T) {
	url := os.Getenv(frozenURL)
	if url == "" {
		t.Skip("runs as a process of TestFrozenNode")
	}
	out, in := os.Stdout, bufio.NewReader(os.Stdin)
	s := mustOpen(t, sqlstore.Options{URL: url})
	_, _, err := s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		err := frozenChange(tx, os.Getenv(frozenAt), func() error {
			_, _ = fmt.Fprintln(out, "inside")
			_, err := in.ReadString('\n')
			return err
		})
		return jeton.Event{Action: "test", Target: "frozen"}, err
	})
	if err == nil {
		_, _ = fmt.Fprintln(out, "was made")
		return
	}
	_, _ = fmt.Fprintln(out, "failed")
	_, _, err = s.Change(context.Background(), jeton.Prefetch{}, func(tx jeton.Tx) (jeton.Event, error) {
		return jeton.Event{Action: "test", Target: "next"}, adds("next")(tx)
	})
	_, _ = fmt.Fprintln(out, "the next one:", err)
}

func frozenChange(tx jeton.Tx, at string, block func() error) error {
	if at != "before a statement" {
		if err := adds("early")(tx); err != nil {
			return err
		}
	}
	if at == "after a statement" { // a read takes what is queued with it
		if _, err := tx.RoleAssigned("none"); err != nil {
			return err
		}
	}
	return errors.Join(block(), adds("late")(tx))
}

// frozen is another process that uses the database.
type frozen struct {
	t   *testing.T
	cmd *osexec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

func startFrozen(t *testing.T, url, at string) *frozen {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFrozenChild$")
	cmd.Env = append(os.Environ(), frozenURL+"="+url, frozenAt+"="+at)
	var log bytes.Buffer
	cmd.Stderr = &log
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // also where it is stopped
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the other process: %s", &log)
		}
	})
	return &frozen{t, cmd, in, bufio.NewScanner(out)}
}

// expect waits for the process to say one thing.
func (f *frozen) expect(want string) {
	f.t.Helper()
	if !f.out.Scan() || f.out.Text() != want {
		f.t.Fatalf("the other process says %q, %v, not %q", f.out.Text(), f.out.Err(), want)
	}
}

// freeze returns once the process is stopped.
func (f *frozen) freeze() {
	f.t.Helper()
	if err := f.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		f.t.Fatal(err)
	}
	until(f.t, "the process is stopped", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", f.cmd.Process.Pid))
		if err != nil {
			f.t.Fatal(err)
		}
		_, state, _ := strings.Cut(string(stat), ") ")
		return strings.HasPrefix(state, "T")
	})
}

// thaw lets the process go on, and its change too.
func (f *frozen) thaw() {
	f.t.Helper()
	err := f.cmd.Process.Signal(syscall.SIGCONT)
	if _, writeErr := io.WriteString(f.in, "go on\n"); err != nil || writeErr != nil {
		f.t.Fatal(err, writeErr)
	}
}

// until asks again and again until the answer is yes.
func until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(apitest.Within(15 * time.Second)); !yes(); {
		if time.Now().After(end) {
			t.Fatalf("it did not come to this: %s", what)
		}
	}
}
