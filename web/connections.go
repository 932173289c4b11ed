package web

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"jeton"
	"jeton/limit"
)

const (
	// idleUnderPressure is how long a connection may be idle when most places are taken.
	idleUnderPressure = 30 * time.Second
	// fruitless is how long a search for connections to close is not repeated after one
	// that found none.
	fruitless = 10 * time.Millisecond
	refusals  = time.Minute // between two lines of the log
	fewest    = 16          // connections that one network may have at least
)

// Connections bounds the open connections of a server: in all, and of one network.
//
// A connection that serves no request is idle: one that is kept for the next, and also
// one that has sent only a part of its handshake, of its headers, or of the body that the
// server waits for. Where a limit is
// reached, the longest idle connections that count towards it are closed for the new one;
// if all of them serve requests, the new one is closed at once.
type Connections struct {
	ConnectionLimits
	log     *slog.Logger
	clock   jeton.Clock
	refused atomic.Int64
	evicted atomic.Int64

	mu       sync.Mutex // taken when a connection begins or ends, never for a request
	open     map[*connection]struct{}
	networks map[string]int // open connections
	swept    time.Time      // when the idle ones were last closed under pressure
	searched map[string]time.Time
	logged   time.Time
	silent   int64 // refusals since then
}

// ConnectionLimits are the limits of Connections.
type ConnectionLimits struct {
	All     int // connections at once, at least 1
	Network int // of one network, as limit.Network counts it
	Proxy   int // of one trusted proxy, of this machine itself, or of a Unix socket
	// Proxies are the trusted ones: they bring the requests of many clients.
	Proxies Proxies
}

// LimitConnections returns the limits that follow from how many connections there may be
// in all: an eighth for one network, three quarters for a proxy.
func LimitConnections(all int, proxies Proxies) ConnectionLimits {
	one := min(all, max(fewest, all/8))
	return ConnectionLimits{All: all, Network: one, Proxy: max(one, all*3/4), Proxies: proxies}
}

// NewConnections returns Connections. A nil clock is time.Now.
func NewConnections(limits ConnectionLimits, log *slog.Logger, clock jeton.Clock) *Connections {
	if clock == nil {
		clock = time.Now
	}
	return &Connections{
		ConnectionLimits: limits, log: log, clock: clock,
		open: map[*connection]struct{}{}, networks: map[string]int{}, searched: map[string]time.Time{},
	}
}

// ConnectionStats are the numbers of Connections.
type ConnectionStats struct {
	Open, Max int
	Refused   int64 // closed at once
	Evicted   int64 // closed while idle, for another
}

// Stats returns the present numbers.
func (c *Connections) Stats() ConnectionStats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ConnectionStats{Open: len(c.open), Max: c.All, Refused: c.refused.Load(), Evicted: c.evicted.Load()}
}

// Guard makes a server count the connections of a listener, and returns the listener to
// serve from. It must be called before the server starts, and inside of TLS.
func (c *Connections) Guard(s *http.Server, l net.Listener) net.Listener {
	handler := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connectionKey{}).(*connection); ok {
			if r.Body != nil && r.Body != http.NoBody {
				conn.idle.Store(c.clock().UnixNano()) // before Read counts it as idle
				r.Body = &awaited{r.Body, conn}
			}
			conn.requests.Add(1)
			defer conn.done()
		}
		handler.ServeHTTP(w, r)
	})
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if t, ok := conn.(*tls.Conn); ok {
			conn = t.NetConn()
		}
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	return &guarded{l, c}
}

// classify returns the network of a peer and how many connections it may have.
func (l *ConnectionLimits) classify(peer net.Addr) (network string, most int) {
	at, err := netip.ParseAddrPort(peer.String())
	if err != nil || peer.Network() == UnixPeer {
		return UnixPeer, l.Proxy
	}
	address := plain(at.Addr())
	if l.Proxies.trust(address) || address.IsLoopback() {
		return address.String(), l.Proxy
	}
	return limit.Network(address.String()), l.Network
}

// admit counts a new connection; nil: there is no place for it.
func (c *Connections) admit(conn net.Conn) *connection {
	network, most := c.classify(conn.RemoteAddr())
	now := c.clock()
	c.mu.Lock()
	var victims []*connection
	if len(c.open) >= c.All*3/4 && now.Sub(c.swept) >= time.Second {
		c.swept = now
		victims = c.evict("", idleUnderPressure, c.All, now)
	}
	if c.networks[network] >= most {
		victims = append(victims, c.evict(network, 0, 1+most/64, now)...)
	}
	if len(c.open) >= c.All {
		victims = append(victims, c.evict("", 0, 1+c.All/64, now)...)
	}
	var admitted *connection
	if c.networks[network] < most && len(c.open) < c.All {
		admitted = &connection{Conn: conn, of: c, network: network}
		admitted.idle.Store(now.UnixNano())
		c.open[admitted] = struct{}{}
		c.networks[network]++
	} else {
		c.refuse(network, now)
	}
	c.mu.Unlock()
	for _, v := range victims {
		_ = v.Conn.Close()
	}
	return admitted
}

// evict forgets the connections that were idle for longest, at most most of them and none
// that was idle for less than least. An empty network means all of them. The caller closes
// what it returns. Nothing is safe for some time: then a burst would keep others out.
func (c *Connections) evict(network string, least time.Duration, most int, now time.Time) []*connection {
	if least == 0 && now.Sub(c.searched[network]) < fruitless {
		return nil
	}
	type idle struct {
		*connection
		since int64
	}
	var found []idle
	before := now.Add(-least).UnixNano()
	for conn := range c.open {
		if network != "" && conn.network != network || conn.requests.Load() > 0 {
			continue
		}
		if since := conn.idle.Load(); since <= before {
			found = append(found, idle{conn, since})
		}
	}
	if len(found) == 0 && least == 0 {
		if len(c.searched) > c.All { // of networks that are long gone
			clear(c.searched)
		}
		c.searched[network] = now
	}
	slices.SortFunc(found, func(a, b idle) int { return int(min(max(a.since-b.since, -1), 1)) })
	victims := make([]*connection, 0, min(most, len(found)))
	for _, f := range found[:cap(victims)] {
		c.forget(f.connection)
		victims = append(victims, f.connection)
	}
	c.evicted.Add(int64(len(victims)))
	return victims
}

// forget takes a connection out of the count. The caller holds the lock.
func (c *Connections) forget(conn *connection) {
	if conn.ended.Swap(true) {
		return
	}
	delete(c.open, conn)
	if c.networks[conn.network]--; c.networks[conn.network] == 0 {
		delete(c.networks, conn.network)
	}
}

// refuse counts a connection that has no place, and logs that now and then.
func (c *Connections) refuse(network string, now time.Time) {
	c.refused.Add(1)
	c.silent++
	if !c.logged.IsZero() && now.Sub(c.logged) < refusals {
		return
	}
	c.log.Warn("connections are refused: all places are taken by requests in progress", "network", network,
		"open", len(c.open), "at_most", c.All, "of_the_network", c.networks[network], "refused", c.silent)
	c.logged, c.silent = now, 0
}
