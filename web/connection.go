package web

import (
	"io"
	"net"
	"sync/atomic"
)

type connectionKey struct{}

// guarded is a listener whose connections are counted.
type guarded struct {
	net.Listener
	connections *Connections
}

// Accept returns the next connection that has a place.
func (g *guarded) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if counted := g.connections.admit(conn); counted != nil {
			return counted, nil
		}
		_ = conn.Close()
	}
}

// connection is an open connection.
type connection struct {
	net.Conn
	of       *Connections
	network  string
	requests atomic.Int32 // being served; of HTTP/2 there may be several
	idle     atomic.Int64 // since when there are none, Unix nanoseconds
	ended    atomic.Bool  // no longer counted
}

func (c *connection) done() {
	c.idle.Store(c.of.clock().UnixNano()) // before it counts as idle
	c.requests.Add(-1)
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.of.mu.Lock()
	c.of.forget(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// RemoteAddr returns UnixPeer for a peer on a Unix socket, whatever path it gave itself.
func (c *connection) RemoteAddr() net.Addr {
	if a := c.Conn.RemoteAddr(); a.Network() != UnixPeer {
		return a
	}
	return unixPeer{}
}

// unixPeer is the address of a peer on a Unix socket.
type unixPeer struct{}

// Network implements net.Addr.
func (unixPeer) Network() string { return UnixPeer }

// String implements net.Addr.
func (unixPeer) String() string { return UnixPeer }

// awaited is the body of a request. While the server waits for it, the request is not
// being served: a client that sends it slowly must not keep its place.
type awaited struct {
	io.ReadCloser
	conn *connection
}

// Read implements io.Reader.
func (a *awaited) Read(p []byte) (int, error) {
	a.conn.requests.Add(-1)
	defer a.conn.requests.Add(1)
	return a.ReadCloser.Read(p)
}

// CloseWrite closes one direction, where that is possible. net/http does so after an answer
// to a request that it did not read whole, so that the client gets the answer.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
