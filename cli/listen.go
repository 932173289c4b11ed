package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// probeTime is how long a server on a Unix socket has to accept a connection.
const probeTime = time.Second

// listen listens on the address that the flag gave. mode is that of a Unix socket.
func listen(ctx context.Context, flag, address string, mode fs.FileMode) (net.Listener, error) {
	if path, is := strings.CutPrefix(address, unixPrefix); is {
		l, err := listenUnix(ctx, path, mode)
		if err != nil {
			return nil, hint(fmt.Errorf("cannot listen on the Unix socket %s: %w", path, err), "choose another path by --%s, or make its directory", flag)
		}
		return l, nil
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, hint(fmt.Errorf("cannot listen: %w", err), "stop the program that uses the address, or choose another by --%s", flag)
	}
	return l, nil
}

// umask guards the mask of the process while a socket is made.
var umask sync.Mutex

// listenUnix makes a socket and listens on it. The socket has its mode before anybody
// else can connect.
func listenUnix(ctx context.Context, path string, mode fs.FileMode) (net.Listener, error) {
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	umask.Lock()
	before := syscall.Umask(0o177) // files that are made meanwhile are private, too
	var config net.ListenConfig
	l, err := config.Listen(ctx, "unix", path)
	syscall.Umask(before)
	umask.Unlock()
	if err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			err = cause // the caller names the path
		}
		return nil, err
	}
	u := l.(*net.UnixListener)
	u.SetUnlinkOnClose(false) // it would remove the socket of another server, too
	made, err := os.Lstat(path)
	if err == nil {
		err = os.Chmod(path, mode)
	}
	if err != nil {
		return nil, errors.Join(err, u.Close(), os.Remove(path))
	}
	return &socket{UnixListener: u, path: path, made: made}, nil
}

// socket is the listener of a Unix socket. Close removes its own socket.
type socket struct {
	*net.UnixListener
	path string
	made fs.FileInfo
	once sync.Once
}

// Close implements net.Listener.
func (s *socket) Close() error {
	s.once.Do(func() {
		if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.made) {
			_ = os.Remove(s.path)
		}
	})
	return s.UnixListener.Close()
}

// removeStale removes the socket that a server left which was killed. It fails if the path
// is no socket, or a server may listen there.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errors.Unwrap(err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("there is a file that is not a socket; it is not removed")
	}
	dialer := net.Dialer{Timeout: probeTime}
	conn, err := dialer.DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close()
		return errors.New("another server listens there")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("another server may listen there: %w", err)
	}
	if now, err := os.Lstat(path); err != nil || !os.SameFile(now, info) {
		return errors.New("another server begins to listen there")
	}
	return os.Remove(path)
}
