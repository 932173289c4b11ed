package cli

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/url"

	"jeton/web"
)

// loadCertificates reads the certificate of the flags; nil: there is none.
func loadCertificates(f listenFlags, log *slog.Logger, reload *reloads) (*web.Certificates, error) {
	if f.cert == "" {
		return nil, nil
	}
	c, err := web.LoadCertificates(f.cert, f.key, log, nil)
	if err != nil {
		return nil, hint(err, "--%s takes a file with the certificate and then its chain, --%s the file of its key without a passphrase, both in PEM", tlsCertFlag, tlsKeyFlag)
	}
	reload.add(c.Reload)
	return c, nil
}

// secured returns the listener with TLS around it, and prepares the server for that. A nil
// certificate, and a Unix socket, leave both as they are.
func secured(s *http.Server, l net.Listener, certificates *web.Certificates) net.Listener {
	if certificates == nil || isSocket(l) {
		return l
	}
	s.Handler = web.StrictTransport(s.Handler)
	s.TLSConfig = certificates.Config()
	return tls.NewListener(l, s.TLSConfig)
}

// checkName warns if clients that use the server's URL will refuse the certificate.
func checkName(certificates *web.Certificates, address string, log *slog.Logger) {
	u, err := url.Parse(address)
	if certificates != nil && err == nil && u.Scheme == "https" && !certificates.Covers(u.Hostname()) {
		log.Warn("the certificate is not for the host of the server's URL: set --public-url to the URL that clients use", "host", u.Hostname())
	}
}

func isSocket(l net.Listener) bool { return l.Addr().Network() == web.UnixPeer }
