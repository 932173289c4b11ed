package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	pingPath  = "/api/v4/system/ping?get_server_status=true"
	readyPath = "/readyz"

	healthTime = 5 * time.Second
	// pinAgain is how long after it changed a certificate may still not be in use.
	pinAgain = 1500 * time.Millisecond
	// maxHealth is how much of an answer is read, in bytes.
	maxHealth = 64 << 10
)

// health asks the server of the same settings how it is.
type health struct {
	*terminal
	listenFlags
	timeout time.Duration
}

func newHealth(t *terminal) *cobra.Command {
	h := health{terminal: t}
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the server on this machine whether it serves",
		Long: `Ask the server that runs on this machine with the same settings whether it answers
requests and reaches its database; with --metrics-listen also whether it is ready. The
exit status is 0 if so, otherwise 1. No log-in is needed. It is meant for the health
checks of containers.`,
		Example: `jeton health
jeton health --config jeton.yaml --timeout 2s`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := h.check(); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), h.timeout)
			defer cancel()
			if err := h.run(ctx); err != nil {
				return err
			}
			fmt.Fprintln(t.out, "healthy")
			return nil
		},
	}
	h.ask(cmd.Flags())
	cmd.Flags().DurationVar(&h.timeout, timeoutFlag, healthTime, "how long to wait for the server in all")
	return cmd
}

func (h *health) check() error {
	wrong := wrongFor("health")
	if h.timeout <= 0 {
		return wrong(timeoutFlag, "%s is not positive", h.timeout)
	}
	for flag, address := range map[string]string{listenFlag: h.listen, metricsListenFlag: h.metricsListen} {
		if address == "" && flag == metricsListenFlag {
			continue
		}
		if err := checkAddress(address); err != nil {
			return wrong(flag, "%w", err)
		}
		if strings.HasSuffix(address, ":0") {
			return wrong(flag, "%q lets the system choose the port: it cannot be known here", address)
		}
	}
	return nil
}

// run asks the metrics address, which knows more, and the address of clients.
func (h *health) run(ctx context.Context) error {
	if h.metricsListen != "" {
		if err := h.get(ctx, h.metricsListen, readyPath); err != nil {
			return err
		}
	}
	return h.get(ctx, h.listen, pingPath)
}

// get fails unless a page of a listener is 200.
func (h *health) get(ctx context.Context, address, path string) error {
	status, body, err := h.fetch(ctx, address, path)
	if errors.Is(err, errPin) { // it was replaced a moment ago
		select {
		case <-time.After(pinAgain):
			status, body, err = h.fetch(ctx, address, path)
		case <-ctx.Done():
		}
	}
	switch {
	case errors.Is(err, errPin):
		return fmt.Errorf("unhealthy: the server at %s shows another certificate than %s", address, h.cert)
	case ctx.Err() != nil:
		return fmt.Errorf("unhealthy: the server at %s did not answer within %s", address, h.timeout)
	case err != nil:
		return hint(fmt.Errorf("unhealthy: %w", err), "check that the server runs with the same settings as this command")
	case status != http.StatusOK:
		return fmt.Errorf("unhealthy: %s at %s answers %d: %s", pathOf(path), address, status, strings.TrimSpace(body))
	}
	return nil
}

func pathOf(target string) string {
	path, _, _ := strings.Cut(target, "?")
	return path
}

// fetch returns the status and the body of a page.
func (h *health) fetch(ctx context.Context, address, path string) (status int, body string, err error) {
	client, base, err := h.client(address)
	if err != nil {
		return 0, "", err
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", "jeton-health/"+version)
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxHealth))
	return resp.StatusCode, string(text), err
}

// client returns a client of one listener, and the URL that it calls. It takes neither a
// proxy of the environment nor a redirect.
func (h *health) client(address string) (*http.Client, string, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if path, is := strings.CutPrefix(address, unixPrefix); is {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
		return client, "http://jeton", nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, "", err
	}
	at := net.JoinHostPort(dialable(host), port)
	if h.cert == "" {
		return client, "http://" + at, nil
	}
	transport.TLSClientConfig, err = pinned(h.cert)
	return client, "https://" + at, err
}

// dialable returns the host to ask for a host to listen on: all addresses of the machine
// are asked by loopback.
func dialable(host string) string {
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() == nil:
		return "localhost" // which may be ::1 or 127.0.0.1
	case ip != nil && ip.IsUnspecified():
		return "127.0.0.1"
	}
	return host
}

var errPin = errors.New("another certificate")

// pinned returns settings that accept exactly the certificate of a file: that is stricter
// than a chain and a name, and the server need not have one for the loopback address.
func pinned(path string) (*tls.Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, rest := pem.Decode(text)
	for block != nil && block.Type != "CERTIFICATE" {
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		return nil, fmt.Errorf("--%s: %s holds no certificate", tlsCertFlag, path)
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection compares it with the one that is known
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || !bytes.Equal(s.PeerCertificates[0].Raw, block.Bytes) {
				return errPin
			}
			return nil
		},
	}, nil
}
