package pgtest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Bouncer is a running PgBouncer before the cluster of this test binary. It pools by
// transaction, with few server connections, so that the statements of one client
// reach several of them.
type Bouncer struct {
	dir  string
	port int
	attr *syscall.SysProcAttr
	cmd  *exec.Cmd
	done chan struct{} // closed: the process has ended
}

// bouncerSettings are those of a plain installation, except for the pool. A server
// connection that fails is tried again soon.
const bouncerSettings = `[databases]
* = host=127.0.0.1 port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = %d
max_client_conn = 200
server_login_retry = 1
server_round_robin = 1
`

// StartBouncer starts PgBouncer before the cluster. It ends with the test. size is the
// number of server connections for each database.
func StartBouncer(t testing.TB, size int) *Bouncer {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatalf("no PostgreSQL to test on: %v", err)
	}
	// Not t.TempDir: the directory must be one that the user of PgBouncer can reach.
	dir, err := os.MkdirTemp("", "pgbouncer")
	if err != nil {
		t.Fatal(err)
	}
	b := &Bouncer{dir: dir}
	t.Cleanup(func() {
		if t.Failed() && b.done != nil {
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("the end of PgBouncer's log: %s", text[max(0, len(text)-2000):])
		}
		b.Kill()
		_ = os.RemoveAll(dir) // a temporary directory
	})
	for range 5 { // another process may take the free port first
		if err = b.configure(s.port, size); err == nil {
			if err = b.Start(); err == nil {
				return b
			}
		}
	}
	t.Fatal(err)
	return nil
}

// URL returns the URL of a database, by its direct URL, through PgBouncer.
func (b *Bouncer) URL(t testing.TB, direct string) string {
	t.Helper()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(b.port))
	return u.String()
}

func (b *Bouncer) configure(server, size int) (err error) {
	if b.attr, err = unprivileged(b.dir); err != nil {
		return err
	}
	if b.port, err = freePort(); err != nil {
		return err
	}
	users := filepath.Join(b.dir, "users")
	settings := fmt.Sprintf(bouncerSettings, server, b.port, users, size)
	return errors.Join(
		os.WriteFile(users, []byte(`"`+superuser+`" ""`+"\n"), 0o644),
		os.WriteFile(filepath.Join(b.dir, "ini"), []byte(settings), 0o644))
}

// Start starts PgBouncer, also again after Kill, on the same port.
func (b *Bouncer) Start() error {
	program := "/usr/sbin/pgbouncer"
	if _, err := os.Stat(program); err != nil {
		if program, err = exec.LookPath("pgbouncer"); err != nil {
			return errors.New("pgbouncer is not installed: `make test` installs it, or apt-get install pgbouncer")
		}
	}
	logFile, err := os.Create(filepath.Join(b.dir, "log"))
	if err != nil {
		return err
	}
	defer logFile.Close() //nolint:errcheck // the process holds it open
	b.cmd = exec.Command(program, filepath.Join(b.dir, "ini"))
	b.cmd.Dir, b.cmd.SysProcAttr, b.cmd.Stdout, b.cmd.Stderr = b.dir, b.attr, logFile, logFile
	done, started := make(chan struct{}), make(chan error)
	b.done = done
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must outlive the process
		defer close(done)
		err := b.cmd.Start()
		started <- err
		if err == nil {
			_ = b.cmd.Wait() // done reports the end; the log has the cause
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	return b.ready()
}

// Kill ends PgBouncer at once, as a crash does, with all connections.
func (b *Bouncer) Kill() {
	if b.cmd == nil || b.cmd.Process == nil {
		return
	}
	_ = b.cmd.Process.Kill() // it may have ended
	<-b.done
}

// ready waits until PgBouncer accepts connections.
func (b *Bouncer) ready() error {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(b.port))
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		if conn, err := net.Dial("tcp", address); err == nil {
			return conn.Close()
		}
		select {
		case <-b.done:
			text, _ := os.ReadFile(filepath.Join(b.dir, "log"))
			return fmt.Errorf("PgBouncer ended at once: %s", text)
		case <-time.After(10 * time.Millisecond):
		}
	}
	b.Kill()
	return errors.New("PgBouncer does not accept connections")
}
