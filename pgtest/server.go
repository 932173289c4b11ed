package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser    = "jeton"
	startTimeout = 30 * time.Second
	stopTimeout  = 10 * time.Second
)

// Server is a running cluster. It does not need a test: a benchmark can start one.
type Server struct {
	dir  string
	port int
	cmd  *exec.Cmd
	done chan struct{} // closed: the process has ended
}

// Start creates a cluster in dir, which must be empty, and starts it on a free port of
// 127.0.0.1. Every local user can connect. Without fsync it is faster, and a crash loses
// data: for tests, not for measurements. When the caller is root, PostgreSQL runs as the
// user postgres or nobody, and that user becomes the owner of dir.
func Start(dir string, fsync bool) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	attr, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := initdb(bin, data, dir, attr); err != nil {
		return nil, err
	}
	for range 5 { // another process may take the free port first
		var s *Server
		if s, err = run(bin, dir, data, attr, fsync); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// URL returns the URL of one of the cluster's databases.
func (s *Server) URL(database string) string {
	return (&url.URL{
		Scheme: "postgres", User: url.User(superuser), Path: database, RawQuery: "sslmode=disable",
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
	}).String()
}

// SocketURL is URL with the cluster's Unix socket instead of TCP.
func (s *Server) SocketURL(database string) string {
	q := url.Values{"host": {s.dir}, "port": {strconv.Itoa(s.port)}}
	return (&url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: q.Encode()}).String()
}

// Stop stops the cluster and waits until it has ended. It keeps the directory.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // fast shutdown: rolls back running transactions
	select {
	case <-s.done:
	case <-time.After(stopTimeout):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
}

// programs returns the directory with the programs of the newest PostgreSQL.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // only a bad pattern is an error
	slices.SortFunc(found, func(a, b string) int { return version(a) - version(b) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("initdb is neither below /usr/lib/postgresql nor in PATH: `make test` installs PostgreSQL, or apt-get install postgresql")
	}
	return filepath.Dir(path), nil
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb)))) // 0: sorts first
	return n
}

// unprivileged returns the user that PostgreSQL runs as, because it refuses to run as root.
// Pdeathsig stops it when this program ends in any way.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attr, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return nil, err
		}
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attr, os.Chown(dir, int(uid), int(gid))
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func initdb(bin, data, dir string, attr *syscall.SysProcAttr) error {
	args := []string{"-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"}
	// A collation that differs from the order of bytes reveals code that relies on it.
	for _, locale := range [][]string{
		{"--locale=C", "--locale-provider=icu", "--icu-locale=en-US"},
		{"--locale=C.UTF-8"},
	} {
		cmd := exec.Command(filepath.Join(bin, "initdb"), append(args, locale...)...)
		cmd.Dir, cmd.SysProcAttr = dir, attr
		out, err := locked(cmd)
		if err == nil {
			return nil
		}
		if locale[0] == "--locale=C.UTF-8" {
			return fmt.Errorf("initdb: %w: %s", err, out)
		}
		_ = os.RemoveAll(data)
	}
	return nil
}

// locked runs a command on a locked thread and waits for it. Linux sends Pdeathsig when the
// thread that started the child ends, so the thread must live as long as the command.
func locked(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.CombinedOutput()
}

func run(bin, dir, data string, attr *syscall.SysProcAttr, fsync bool) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	logFile, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer logFile.Close() //nolint:errcheck // the process holds it open
	args := []string{"-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + dir}
	if !fsync {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c", "autovacuum=off")
	}
	s := &Server{dir: dir, port: port, done: make(chan struct{})}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), args...)
	s.cmd.Dir, s.cmd.SysProcAttr, s.cmd.Stdout, s.cmd.Stderr = dir, attr, logFile, logFile
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must outlive the process
		defer close(s.done)
		err := s.cmd.Start()
		started <- err
		if err == nil {
			_ = s.cmd.Wait() // done reports the end; the log has the cause
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return s, s.ready()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close() //nolint:errcheck // nothing was sent
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the cluster accepts connections.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.done:
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("PostgreSQL ended at once: %s", text)
		case <-ctx.Done():
			s.Stop()
			return fmt.Errorf("PostgreSQL does not answer: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
