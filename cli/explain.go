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

// explain adds to what a call failed with what to do next. Server is what was
// called, means how the caller said who he is. What has advice already keeps it.
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
		return hint(fmt.Errorf("the answer could not be printed: %w", err), "see that there is room where the output goes; a change that was asked for was made")
	}
	return explainConnection(err, server)
}

// explainAnswer is about what the server said.
func explainAnswer(err error, e *client.Error, server, means string) error {
	if e.RequestID != "" {
		err = fmt.Errorf("%w; request %s", err, e.RequestID)
	}
	switch {
	case e.Location != "":
		return hint(fmt.Errorf("%s sends its callers elsewhere", server), "use the URL that it points to, if you trust it: %s", clean(e.Location))
	case e.Status == http.StatusBadRequest && e.ID == "":
		return hint(err, "if the server speaks https, say https:// in its URL")
	case e.ID == "" && !e.Temporary():
		return hint(fmt.Errorf("%s: %w", server, err), "see that the URL names a Jeton server, without /api/v4")
	}
	switch e.Status {
	case http.StatusUnauthorized:
		if !strings.HasPrefix(means, byLogIn) {
			return hint(fmt.Errorf("%s was not accepted: %w", means, err), "it is mistyped, revoked, disabled or expired: its owner sees which by \"jeton token list\"")
		}
		return hint(err, `your session is over: log in again by "jeton login %s"`, server)
	case http.StatusForbidden:
		return hint(err, `"jeton whoami" shows your roles, "jeton role show ROLE" what each may do; an administrator can give you more`)
	case http.StatusNotFound:
		return hint(err, "see that the name or id is right: the list command of the same group shows what there is")
	case http.StatusTooManyRequests:
		return hint(err, "wait %s and try again", waitTime(e))
	case http.StatusNotImplemented:
		return hint(err, "the server does not allow this; its administrator can change that")
	}
	if e.Temporary() {
		return hint(err, "the server cannot answer now: try again in %s; before a change is repeated, see whether it was made", waitTime(e))
	}
	return hint(err, "change what it names, and run the command again")
}

func waitTime(e *client.Error) time.Duration { return max(e.RetryAfter, time.Second) }

// explainConnection is about a server that did not answer.
func explainConnection(err error, server string) error {
	certificate, refused := errors.AsType[*tls.CertificateVerificationError](err)
	dns, noName := errors.AsType[*net.DNSError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	switch {
	case refused:
		return explainCertificate(certificate, server)
	case noName && dns.IsNotFound:
		return hint(fmt.Errorf("there is no machine called %q", dns.Name), "see that the URL %s is right", server)
	case errors.Is(err, syscall.ECONNREFUSED):
		return hint(fmt.Errorf("nothing answers at %s", server), `see that the server runs there ("jeton serve" starts one), and that the URL is right`)
	case errors.Is(err, context.DeadlineExceeded) || isNet && timeout.Timeout():
		return hint(fmt.Errorf("%s did not answer in time", server), "try again; before a change is repeated, see whether it was made")
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return hint(fmt.Errorf("%s does not speak https", server), "if it is on this machine, say http:// in its URL")
	}
	return hint(fmt.Errorf("%s cannot be reached: %w", server, err), "see that the URL is right and the network is up")
}

func explainCertificate(refused *tls.CertificateVerificationError, server string) error {
	err := fmt.Errorf("the certificate of %s was refused: %w", server, refused.Err)
	if _, ok := errors.AsType[x509.HostnameError](refused.Err); ok {
		return hint(err, "use a name that the certificate has")
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](refused.Err); ok && invalid.Reason == x509.Expired {
		return hint(err, "have it renewed; see that this machine's clock is right")
	}
	return hint(err, "if your organisation signs its own, name its authority by --%s", caFileFlag)
}
