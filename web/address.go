package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks of trusted proxies: only their X-Forwarded-For is read.
type Proxies []netip.Prefix

// ParseProxies reads networks (10.0.0.0/8) and single addresses. It fails on any
// other text.
func ParseProxies(texts []string) (Proxies, error) {
	var out Proxies
	for _, s := range texts {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, fmt.Errorf("trusted proxy %q: neither an address nor a network", s)
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
// proxy that sent it. A peer without an address, as on a Unix socket, gives the zero
// Addr.
func (p Proxies) ClientAddress(peer string, forwarded []string) netip.Addr {
	at, err := netip.ParseAddrPort(peer)
	if err != nil {
		return netip.Addr{}
	}
	client := plain(at.Addr())
	for i := len(forwarded) - 1; i >= 0; i-- {
		rest := forwarded[i]
		for more := true; more; {
			if !p.trust(client) {
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

// Address returns the client's address as text: see ClientAddress. It is empty if
// the address is not known.
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
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
