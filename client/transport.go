package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
)

// hopeless reports whether a connection failed for a permanent reason: a certificate that
// is not trusted, https to a server of http, a host name that does not exist.
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

// lostError is the error of a call without a complete answer.
type lostError struct {
	err   error
	final bool // a retry would fail in the same way
}

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// again reports whether a failed call may be retried.
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
