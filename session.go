package jeton

// Session is one log-in of a person. Its secret is stored as a digest only.
type Session struct {
	ID             string
	UserID         string
	CreateAt       int64
	ExpiresAt      int64
	LastActivityAt int64
	DeviceID       string
	Address        string // where the log-in came from: an address, or a network of IPv6
	UserAgent      string // at most MaxUserAgent bytes
}

// MaxUserAgent is how much of a client's name a session keeps, in bytes.
const MaxUserAgent = 256
