package limit

import (
	"net/netip"
	"strings"
)

// networkBits is the length of an IPv6 network that counts as one client. A
// provider gives each customer at least a /64, so all of its addresses can belong
// to one client.
const networkBits = 64

// wideBits is the length of an IPv6 network that shares what is scarce. A provider gives a
// site up to a /48, so that one client can come from 65,536 networks.
const wideBits = 48

// Network returns the network that the limits count an address by: the address itself
// for IPv4 (1.2.3.4), its /64 for IPv6 (2001:db8::/64). It returns any other text
// unchanged, also the empty one.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a.Is4() {
		return address
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, networkBits).Masked().String()
}

// Wide returns the wide network of a Network: the /48 for IPv6 (2001:db8::/48), and any
// other text unchanged.
func Wide(network string) string {
	if !strings.Contains(network, ":") {
		return network
	}
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return network
	}
	return netip.PrefixFrom(p.Addr(), wideBits).Masked().String()
}
