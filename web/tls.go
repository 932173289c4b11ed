package web

import (
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"jeton"
)

const (
	// certificateCheck is how often a handshake may look whether the files changed.
	certificateCheck = time.Second
	// certificateSettles is how old a change of a file has to be before its time of change
	// tells it from the next: clocks of file systems are coarse.
	certificateSettles = 2 * time.Second
	maxCertificate     = 1 << 20 // bytes of a file
)

// Certificates is the certificate of a server, from two files that may change while it
// runs. A pair that cannot be used is logged once, and the one before it stays in use.
type Certificates struct {
	certFile, keyFile string
	log               *slog.Logger
	clock             jeton.Clock

	current atomic.Pointer[tls.Certificate]
	mu      sync.Mutex // guards the rest; handshakes do not wait for it
	next    time.Time  // when to look at the files again
	seen    [2]fileState
	failed  string // the last error that was logged; empty: none since a success
}

// fileState tells one version of a file from another.
type fileState struct {
	changed    time.Time
	size       int64
	device, id uint64
}

// LoadCertificates reads a certificate with its chain, and its key, both in PEM. A nil
// clock is time.Now.
func LoadCertificates(certFile, keyFile string, log *slog.Logger, clock jeton.Clock) (*Certificates, error) {
	if clock == nil {
		clock = time.Now
	}
	c := &Certificates{certFile: certFile, keyFile: keyFile, log: log, clock: clock}
	return c, c.load()
}

// Covers reports whether the certificate is for a host: a name or an address.
func (c *Certificates) Covers(host string) bool {
	return c.current.Load().Leaf.VerifyHostname(host) == nil
}

// Config returns the settings of a listener with this certificate: TLS 1.2 and 1.3, and
// of 1.2 the suites with forward secrecy and authenticated encryption only.
func (c *Certificates) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil },
	}
}

// get returns the certificate for a handshake. At most one handshake a second reads the
// files, and only if they changed.
func (c *Certificates) get() *tls.Certificate {
	if c.mu.TryLock() {
		if now := c.clock(); !now.Before(c.next) {
			c.refresh(now)
		}
		c.mu.Unlock()
	}
	return c.current.Load()
}

// Reload reads the files again, whether they changed or not. An error means that the
// certificate before it stays in use.
func (c *Certificates) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.load()
	c.note(err)
	return err
}

// refresh reads the files if they changed since they were read, or could not be used.
func (c *Certificates) refresh(now time.Time) {
	c.next = now.Add(certificateCheck)
	states, err := c.states()
	settled := now.Sub(states[0].changed) > certificateSettles && now.Sub(states[1].changed) > certificateSettles
	if err == nil && states == c.seen && settled && c.failed == "" {
		return
	}
	c.note(c.load())
}

// note logs an error, unless it is that of the last time.
func (c *Certificates) note(err error) {
	switch {
	case err != nil && err.Error() != c.failed:
		c.failed = err.Error()
		c.log.Warn("the certificate cannot be read again; the one before it stays in use", "error", err)
	case err == nil && c.failed != "":
		c.failed = ""
	}
}

// load reads the files and uses them.
func (c *Certificates) load() error {
	states, err := c.states()
	if err != nil {
		return err
	}
	chain, err := readBounded(c.certFile)
	if err != nil {
		return err
	}
	key, err := readBounded(c.keyFile)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.seen = states
	before := c.current.Swap(&pair)
	if before == nil || string(before.Certificate[0]) != string(pair.Certificate[0]) {
		c.report(&pair)
	}
	return nil
}

// report logs a certificate that is new, and what is wrong with it.
func (c *Certificates) report(pair *tls.Certificate) {
	leaf, now := pair.Leaf, c.clock()
	log := c.log.With("file", c.certFile, "from", leaf.NotBefore.UTC(), "until", leaf.NotAfter.UTC())
	switch {
	case now.After(leaf.NotAfter):
		log.Warn("the certificate has expired")
	case now.Before(leaf.NotBefore):
		log.Warn("the certificate is not valid yet")
	default:
		log.Info("certificate read")
	}
	if info, err := os.Stat(c.keyFile); err == nil && info.Mode().Perm()&0o007 != 0 {
		c.log.Warn("every user of this machine can read or change the key: take the permissions away", "file", c.keyFile, "mode", info.Mode().Perm().String())
	}
}

func (c *Certificates) states() (s [2]fileState, err error) {
	for i, path := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(path) // follows links: Kubernetes replaces the link
		if err != nil {
			return s, err
		}
		s[i] = fileState{changed: info.ModTime(), size: info.Size()}
		if sys, ok := info.Sys().(*syscall.Stat_t); ok {
			s[i].device, s[i].id = sys.Dev, sys.Ino
		}
	}
	return s, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(f, maxCertificate+1))
	if err == nil && len(text) > maxCertificate {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxCertificate)
	}
	return text, err
}

// strictTransport is sent on TLS connections only: a proxy that speaks https sends its own.
var strictTransport = []string{"max-age=31536000"}

// StrictTransport returns a handler that tells browsers to use https from now on.
func StrictTransport(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Strict-Transport-Security"] = strictTransport
		h.ServeHTTP(w, r)
	})
}
