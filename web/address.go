package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of trusted proxies: only their X-Forwarded-For is read. The
// zero Prefix stands for the peers on a Unix socket.
type Proxies []netip.Prefix

// UnixPeer is the address of every peer on a Unix socket, and its name in ParseProxies. It
// is one network to the limits.
const UnixPeer = "unix"

// ParseProxies reads networks (10.0.0.0/8), single addresses, and UnixPeer. It fails on
// any other text.
func ParseProxies(texts []string) (Proxies, error) {
	var out Proxies
	for _, s := range texts {
		if s == UnixPeer {
			out = append(out, netip.Prefix{})
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("trusted proxy %q: not an address, a network or "+UnixPeer, s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Unix reports whether the peers on a Unix socket are trusted.
func (p Proxies) Unix() bool { return slices.Contains(p, netip.Prefix{}) }

func (p Proxies) trust(a netip.Addr) bool {
	for _, n := range p {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// ClientAddress returns the address of a request's client: the peer of the
// connection, or, if that is a trusted proxy, the right-most address of
// X-Forwarded-For that is not one. A client can write anything to the left of that,
// so nothing there is read. At an entry that is not an address the result is the
// proxy that sent it. UnixPeer is trusted if Unix says so; it has no address itself, so
// where it is the client the result is the zero Addr, as for any other peer without one.
func (p Proxies) ClientAddress(peer string, forwarded []string) netip.Addr {
	at, err := netip.ParseAddrPort(peer)
	if err != nil && (peer != UnixPeer || !p.Unix()) {
		return netip.Addr{}
	}
	client := at.Addr()
	if err == nil {
		client = plain(client)
	}
	for i := len(forwarded) - 1; i >= 0; i-- {
		rest := forwarded[i]
		for more := true; more; {
			if client.IsValid() && !p.trust(client) {
				return client
			}
			entry := rest
			if cut := strings.LastIndexByte(rest, ','); cut >= 0 {
				rest, entry = rest[:cut], rest[cut+1:]
			} else {
				more = false
			}
			next, ok := hop(strings.TrimSpace(entry))
			if !ok {
				return client
			}
			client = next
		}
	}
	return client
}

// hop reads one entry of X-Forwarded-For: an address, with or without a port.
func hop(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return plain(a), true
	}
	ap, err := netip.ParseAddrPort(s)
	return plain(ap.Addr()), err == nil
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// Address returns the client's address as text: see ClientAddress. It is UnixPeer for a
// peer on a Unix socket, and empty if the address is not known.
func (p Proxies) Address(r *http.Request) string { return p.address(r) }

// address avoids parsing the address of an IPv4 peer when there are no proxies: the
// server has its text already.
func (p Proxies) address(r *http.Request) string {
	if len(p) == 0 && len(r.RemoteAddr) > 0 && r.RemoteAddr[0] != '[' {
		if cut := strings.LastIndexByte(r.RemoteAddr, ':'); cut > 0 {
			return r.RemoteAddr[:cut]
		}
	}
	a := p.ClientAddress(r.RemoteAddr, r.Header["X-Forwarded-For"])
	switch {
	case a.IsValid():
		return a.String()
	case r.RemoteAddr == UnixPeer:
		return UnixPeer
	}
	return ""
}
