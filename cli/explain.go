package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"jeton/client"
)

// explain adds advice to the error of a call, unless it has some. Server is the URL that
// was called; means is how the caller was authenticated.
func explain(err error, server, means string) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*hinted](err); ok {
		return err
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		return explainAnswer(err, e, server, means)
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok && file.Op == "write" {
		return hint(fmt.Errorf("the answer could not be printed: %w", err), "check that there is space for the output; if the command changes something, the change was made")
	}
	return explainConnection(err, server)
}

// explainAnswer explains an error that the server answered.
func explainAnswer(err error, e *client.Error, server, means string) error {
	if e.RequestID != "" {
		err = fmt.Errorf("%w; request %s", err, e.RequestID)
	}
	switch {
	case e.Location != "":
		return hint(fmt.Errorf("%s redirects its callers", server), "if you trust it, use the URL of the redirect: %s", clean(e.Location))
	case e.Status == http.StatusBadRequest && e.ID == "":
		return hint(err, "if the server uses https, write https:// in its URL")
	case e.ID == "" && !e.Temporary():
		return hint(fmt.Errorf("%s: %w", server, err), "check that the URL is that of a Jeton server, without /api/v4")
	}
	switch e.Status {
	case http.StatusUnauthorized:
		if !strings.HasPrefix(means, byLogIn) {
			return hint(fmt.Errorf("%s was not accepted: %w", means, err), "it is mistyped, revoked, disabled or expired; its owner can check by \"jeton token list\"")
		}
		return hint(err, `your session has ended: log in again by "jeton login %s"`, server)
	case http.StatusForbidden:
		return hint(err, `"jeton whoami" shows your roles, and "jeton role show ROLE" their permissions; an administrator can give you more`)
	case http.StatusNotFound:
		return hint(err, "check the name or id: the list command of the same group shows all")
	case http.StatusTooManyRequests:
		return hint(err, "wait %s and try again", waitTime(e))
	case http.StatusNotImplemented:
		return hint(err, "the server's settings do not allow this; its administrator can change them")
	}
	if e.Temporary() {
		return hint(err, "the server cannot answer now: try again in %s; before you repeat a change, check whether it was made", waitTime(e))
	}
	return hint(err, "correct what the error names, and run the command again")
}

func waitTime(e *client.Error) time.Duration { return max(e.RetryAfter, time.Second) }

// explainConnection explains why there was no answer.
func explainConnection(err error, server string) error {
	certificate, refused := errors.AsType[*tls.CertificateVerificationError](err)
	dns, noName := errors.AsType[*net.DNSError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case refused:
		return explainCertificate(certificate, server)
	case noName && dns.IsNotFound:
		return hint(fmt.Errorf("there is no machine called %q", dns.Name), "check the URL %s", server)
	case errors.Is(err, syscall.ECONNREFUSED):
		return hint(fmt.Errorf("nothing answers at %s", server), `check the URL, and that the server is running ("jeton serve" starts one)`)
	case errors.Is(err, context.DeadlineExceeded) || isNet && timeout.Timeout():
		return hint(fmt.Errorf("%s did not answer in time", server), "try again; before you repeat a change, check whether it was made")
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return hint(fmt.Errorf("%s does not use https", server), "if it is on this machine, write http:// in its URL")
	}
	return hint(fmt.Errorf("%s cannot be reached: %w", server, err), "check the URL and the network")
}

func explainCertificate(refused *tls.CertificateVerificationError, server string) error {
	err := fmt.Errorf("the certificate of %s was refused: %w", server, refused.Err)
	if _, ok := errors.AsType[x509.HostnameError](refused.Err); ok {
		return hint(err, "use a host name that the certificate contains")
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](refused.Err); ok && invalid.Reason == x509.Expired {
		return hint(err, "have it renewed, or correct this machine's clock")
	}
	return hint(err, "if your organisation has its own certificate authority, give its certificate by --%s", caFileFlag)
}
