package limit

import "net/netip"

// networkBits is the length of an IPv6 network that counts as one client. A
// provider gives each customer at least a /64, so all of its addresses can belong
// to one client.
const networkBits = 64

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
