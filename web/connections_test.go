package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jeton/web"
)

// clock is a time that the test moves.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time       { return time.Unix(0, c.nanos.Load()) }
func (c *clock) pass(d time.Duration) { c.nanos.Add(int64(d)) }

// bounded is a real server with limited connections.
type bounded struct {
	*clock
	t           *testing.T
	connections *web.Connections
	address     net.Addr
	entered     chan string // the addresses of requests to /wait and /read
	leave       chan struct{}
	peers       *peers
}

// peers is a listener that gives connections the addresses of a list, one after the other.
// When the list is empty, they keep their own.
type peers struct {
	net.Listener
	mu   sync.Mutex
	next []string
}

type peer struct {
	net.Conn
	address net.Addr
}

func (p peer) RemoteAddr() net.Addr { return p.address }

func (p *peers) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.next) == 0 {
		return conn, nil
	}
	at := netip.MustParseAddrPort(p.next[0])
	p.next = p.next[1:]
	return peer{conn, net.TCPAddrFromAddrPort(at)}, nil
}

func startBounded(t *testing.T, limits web.ConnectionLimits) *bounded {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveBounded(t, limits, l)
}

func serveBounded(t *testing.T, limits web.ConnectionLimits, l net.Listener) *bounded {
	b := &bounded{clock: &clock{}, t: t, entered: make(chan string, 100), leave: make(chan struct{}), peers: &peers{Listener: l}, address: l.Addr()}
	b.pass(time.Hour)
	log := slog.New(slog.DiscardHandler)
	b.connections = web.NewConnections(limits, log, b.now)
	s := web.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/wait":
			b.entered <- r.RemoteAddr
			<-b.leave
		case "/read":
			b.entered <- r.RemoteAddr
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, r.RemoteAddr)
	}), log)
	guarded := b.connections.Guard(s, b.peers)
	served := make(chan error, 1)
	go func() { served <- s.Serve(guarded) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return b
}

// dial opens a connection that sends a text, and fails its test after some seconds.
func (b *bounded) dial(text string) net.Conn {
	b.t.Helper()
	conn, err := net.Dial(b.address.Network(), b.address.String())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(conn, text)
	return conn
}

const request = "GET / HTTP/1.1\r\nHost: jeton\r\n\r\n"

// answered reads one answer and returns its body.
func (b *bounded) answered(conn net.Conn) string {
	b.t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s, %v", resp.Status, err)
	}
	return string(body)
}

// closed fails unless the server closes a connection without an answer.
func (b *bounded) closed(conn net.Conn) {
	b.t.Helper()
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, net.ErrClosed) {
		b.t.Errorf("the connection is not closed: %d, %v", n, err)
	} else if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		b.t.Error("the connection is not closed in time")
	}
}

// opened waits until the server counts so many connections.
func (b *bounded) opened(n int) {
	b.t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if b.connections.Stats().Open == n {
			return
		}
	}
	b.t.Fatalf("%+v, not %d open", b.connections.Stats(), n)
}

// Connections that send half of a request, or nothing, or are kept after one, do not keep
// others out, also those of the same address.
func TestIdleConnectionsGiveWay(t *testing.T) {
	for name, text := range map[string]string{
		"half a request": "GET / HTTP/1.1\r\nHost: je", "nothing": "", "kept": request,
		"half a body": "POST /read HTTP/1.1\r\nHost: jeton\r\nContent-Length: 10\r\n\r\n12345",
	} {
		t.Run(name, func(t *testing.T) {
			b := startBounded(t, web.ConnectionLimits{All: 8, Network: 4, Proxy: 8})
			var held []net.Conn
			for i := range 8 {
				held = append(held, b.dial(text))
				b.opened(i + 1)
				switch name {
				case "kept":
					b.answered(held[i])
				case "half a body":
					<-b.entered // it is idle from then on
				}
				b.pass(time.Second)
			}
			for i := range 20 {
				conn := b.dial(request)
				if got := b.answered(conn); got == "" {
					t.Error("no answer")
				}
				if i < len(held) {
					b.closed(held[i]) // the oldest first
				}
			}
			if s := b.connections.Stats(); s.Open != 8 || s.Refused != 0 || s.Evicted != 20 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// A connection beyond the limit is closed at once while the others serve requests, and has
// a place when one of them is done.
func TestBusyConnectionsStay(t *testing.T) {
	b := startBounded(t, web.ConnectionLimits{All: 4, Network: 4, Proxy: 4})
	var busy []net.Conn
	for range 4 {
		busy = append(busy, b.dial("GET /wait HTTP/1.1\r\nHost: jeton\r\n\r\n"))
		<-b.entered
	}
	b.pass(time.Hour)
	for range 3 {
		b.closed(b.dial(request))
	}
	if s := b.connections.Stats(); s.Open != 4 || s.Refused != 3 || s.Evicted != 0 {
		t.Errorf("%+v", s)
	}
	close(b.leave)
	for _, conn := range busy {
		b.answered(conn)
	}
	b.pass(time.Second)
	b.answered(b.dial(request))
}

// One network has its share; a trusted proxy has its own, larger one.
func TestConnectionsOfOneNetwork(t *testing.T) {
	proxies, err := web.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	b := startBounded(t, web.ConnectionLimits{All: 100, Network: 4, Proxy: 6, Proxies: proxies})
	total := 0
	for _, of := range []struct {
		address string
		most    int
	}{{"192.0.2.%d:1000", 100}, {"192.0.2.1:%d", 4}, {"[2001:db8::%d]:1000", 4}, {"10.0.0.1:%d", 6}, {"127.0.0.1:%d", 6}, {"[::ffff:198.51.100.7]:%d", 4}} {
		for i := range of.most + 3 {
			if of.most == 100 && i >= 5 {
				break // each is a network of its own
			}
			b.peers.mu.Lock()
			b.peers.next = append(b.peers.next, fmt.Sprintf(of.address, i+10))
			b.peers.mu.Unlock()
			conn := b.dial("GET /wait HTTP/1.1\r\nHost: jeton\r\n\r\n")
			if i < of.most {
				total++
				<-b.entered
			} else {
				b.closed(conn)
			}
		}
	}
	if s := b.connections.Stats(); s.Open != total {
		t.Errorf("%+v, want %d open", s, total)
	}
	close(b.leave)
}

// Under pressure, connections that were idle for half a minute are closed; without, none.
func TestIdleTimeUnderPressure(t *testing.T) {
	b := startBounded(t, web.ConnectionLimits{All: 8, Network: 8, Proxy: 8})
	for i := range 5 {
		b.answered(b.dial(request))
		b.opened(i + 1)
		b.pass(20 * time.Second)
	}
	if s := b.connections.Stats(); s.Evicted != 0 {
		t.Errorf("%+v", s)
	}
	b.answered(b.dial(request)) // the sixth of eight
	b.opened(6)
	b.answered(b.dial(request)) // four of them are idle for more than 30 s
	b.opened(3)
	if s := b.connections.Stats(); s.Evicted != 4 {
		t.Errorf("%+v", s)
	}
}

// A peer on a Unix socket is called unix, whatever path it gave its own socket.
func TestUnixPeer(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	b := serveBounded(t, web.LimitConnections(4, nil), l)
	if got := b.answered(b.dial(request)); got != web.UnixPeer {
		t.Errorf("%q", got)
	}
	t.Chdir(dir)
	conn, err := net.DialUnix("unix", &net.UnixAddr{Name: "1.2.3.4:80", Net: "unix"}, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // it was read
	_, _ = io.WriteString(conn, request)
	if got := b.answered(conn); got != web.UnixPeer {
		t.Errorf("a peer that calls itself an address: %q", got)
	}
}

// X-Forwarded-For counts on a Unix socket only if its peers are trusted.
func TestUnixPeerForwards(t *testing.T) {
	trusting, err := web.ParseProxies([]string{"unix", "10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	others, err := web.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		proxies   web.Proxies
		forwarded []string
		want      string
	}{
		{trusting, []string{"203.0.113.9"}, "203.0.113.9"},
		{trusting, []string{"6.6.6.6, 203.0.113.9", "10.1.1.1"}, "203.0.113.9"},
		{trusting, nil, "unix"},
		{trusting, []string{"nonsense"}, "unix"},
		{trusting, []string{"unix"}, "unix"},
		{others, []string{"203.0.113.9"}, "unix"},
		{nil, []string{"203.0.113.9"}, "unix"},
	} {
		r := &http.Request{RemoteAddr: web.UnixPeer, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := tt.proxies.Address(r); got != tt.want {
			t.Errorf("%v %v: %q, want %q", tt.proxies, tt.forwarded, got, tt.want)
		}
	}
	r := &http.Request{RemoteAddr: "192.0.2.1:80", Header: http.Header{"X-Forwarded-For": {"203.0.113.9"}}}
	if got := trusting.Address(r); got != "192.0.2.1" {
		t.Errorf("a peer by TCP: %q", got)
	}
}

func TestLimitConnections(t *testing.T) {
	for all, want := range map[int][2]int{1: {1, 1}, 20: {16, 16}, 200: {25, 150}, 4096: {512, 3072}} {
		if got := web.LimitConnections(all, nil); got.All != all || got.Network != want[0] || got.Proxy != want[1] {
			t.Errorf("%d: %+v", all, got)
		}
	}
}
