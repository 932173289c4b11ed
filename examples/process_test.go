package examples_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// process is a program that a test started. It ends with the test, and also when the
// test's process dies.
type process struct {
	cmd *exec.Cmd
	log string        // the file with its output
	end chan struct{} // closed: it has ended
}

// find returns the path of a program. A missing one fails the test: an example that
// is not run is not tested.
func find(t testing.TB, name, debian string) string {
	t.Helper()
	for _, file := range []string{name, "/usr/sbin/" + name} { // sbin is not in every PATH
		if path, err := exec.LookPath(file); err == nil {
			return path
		}
	}
	t.Fatalf("there is no %s to test with: `make test` installs it, or apt-get install %s", name, debian)
	return ""
}

// start starts a program with its files below dir.
func start(t testing.TB, dir string, env []string, program string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(program, args...), log: filepath.Join(dir, "log"), end: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close() //nolint:errcheck // the process holds it open
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, append(os.Environ(), env...), out, out
	// SIGTERM rather than SIGKILL: nginx's workers outlive a master that was killed.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	go func() {
		// The thread stays locked: Linux sends Pdeathsig when the thread that started
		// the process ends.
		runtime.LockOSThread()
		defer close(p.end)
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // a test sees the end, and the log has the reason
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.end:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.end
	}
}

// await waits until is returns true; an error if the process ends before.
func (p *process) await(is func() bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for !is() {
		select {
		case <-p.end:
			return fmt.Errorf("%s ended at once: %s", p.cmd.Path, p.said())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %s", p.cmd.Path, p.said())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

func (p *process) said() string {
	text, _ := os.ReadFile(p.log)
	return string(text)
}

// freeAddress returns an address of the loopback interface that was free just now.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was sent
	return "127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
