package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

// hopeless reports whether a connection failed for a reason that stays: a
// certificate that is refused, https to what speaks http, a name that does not exist.
func hopeless(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

// lostError is a call that got no whole answer.
type lostError struct {
	err   error
	final bool // asking again would end the same way
}

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// again reports whether a call that failed may be sent once more.
func again(k call, err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return k.reads && e.Temporary()
	}
	lost, ok := errors.AsType[*lostError](err)
	if !ok || lost.final {
		return false
	}
	dial, ok := errors.AsType[*net.OpError](err)
	return k.reads || ok && dial.Op == "dial" // then nothing was sent
}
