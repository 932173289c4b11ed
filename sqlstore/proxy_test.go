package sqlstore_test

import (
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a store and its server. While it is silent it accepts
// connections and takes what is sent, on both sides, and nothing arrives: a server
// that froze, or a network that swallows everything.
type proxy struct {
	listener net.Listener
	target   string
	silent   atomic.Bool

	mu    sync.Mutex
	conns []net.Conn
	wg    sync.WaitGroup
}

// newProxy returns a proxy of the server of a URL, and the URL that goes through it.
func newProxy(t *testing.T, to string) (*proxy, *url.URL) {
	t.Helper()
	u := mustParse(t, to)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: u.Host}
	p.wg.Go(p.accept)
	t.Cleanup(p.close)
	u.Host = l.Addr().String()
	return p, u
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.speak()
	p.wg.Wait()
}

// speak ends the silence. The connections that lost something end with it.
func (p *proxy) speak() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent.Store(false)
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func (p *proxy) accept() {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, from, to)
		p.mu.Unlock()
		p.wg.Go(func() { p.copy(from, to) })
		p.wg.Go(func() { p.copy(to, from) })
	}
}

func (p *proxy) copy(from, to net.Conn) {
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if p.silent.Load() {
			if err != nil {
				return // not even the end arrives
			}
			continue
		}
		_, writeErr := to.Write(buf[:n])
		if err != nil || writeErr != nil {
			_, _ = from.Close(), to.Close()
			return
		}
	}
}
