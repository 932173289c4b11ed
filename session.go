package jeton

// Session is one log-in of a person. It does not contain the secret.
type Session struct {
	ID             string
	UserID         string
	CreateAt       int64
	ExpiresAt      int64
	LastActivityAt int64
	DeviceID       string
	Address        string // of the client at log-in: an IPv4 address, or an IPv6 network
	UserAgent      string // at most MaxUserAgent bytes
}

// MaxUserAgent is the greatest length of a session's UserAgent and DeviceID, in bytes.
const MaxUserAgent = 256
