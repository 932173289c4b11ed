package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"jeton/web"
)

const (
	listenFlag         = "listen"
	listenModeFlag     = "listen-mode"
	metricsListenFlag  = "metrics-listen"
	tlsCertFlag        = "tls-cert"
	tlsKeyFlag         = "tls-key"
	maxConnectionsFlag = "max-connections"
	proxiesFlag        = "trusted-proxies"

	typeMode        = "mode"
	mostConnections = 1_000_000
)

// listenFlags are the settings of the listeners, as the flags gave them. "jeton serve"
// listens by them, and "jeton health" asks by them.
type listenFlags struct {
	listen, metricsListen string // host:port or unix:PATH; the second is empty: no metrics are served
	cert, key             string // empty: no TLS
	mode                  octal  // of Unix sockets
	maxConnections        int    // 0: derived from the limit of open files
}

// ask adds the flags that say how a server is reached.
func (f *listenFlags) ask(flags *pflag.FlagSet) {
	flags.StringVar(&f.listen, listenFlag, "127.0.0.1:8065", "the `address` to listen on: host:port, or unix:/path/of/a/socket")
	flags.StringVar(&f.metricsListen, metricsListenFlag, "", "the `address` to serve /metrics, /healthz and /readyz on, without authentication; empty: not served")
	flags.StringVar(&f.cert, tlsCertFlag, "", "a PEM `file` with the certificate and its chain: serve https; read again when it changes")
}

// addAll adds all flags.
func (f *listenFlags) addAll(flags *pflag.FlagSet) {
	f.ask(flags)
	f.mode = 0o660
	flags.StringVar(&f.key, tlsKeyFlag, "", "a PEM `file` with the key of --tls-cert")
	flags.Var(&f.mode, listenModeFlag, "the `mode` of Unix sockets that the server makes")
	flags.IntVar(&f.maxConnections, maxConnectionsFlag, 0, "how many connections may be open at once; 0: as the limit of open files allows, at most 2048")
}

func (f *listenFlags) check(wrong wrongSetting) error {
	if err := checkAddress(f.listen); err != nil {
		return wrong(listenFlag, "%w", err)
	}
	if err := checkMetricsListen(f.metricsListen, f.listen); err != nil {
		return wrong(metricsListenFlag, "%w", err)
	}
	if f.cert != "" && f.key == "" {
		return wrong(tlsKeyFlag, "--%s is set, so the file of the key is needed, too", tlsCertFlag)
	}
	if f.key != "" && f.cert == "" {
		return wrong(tlsCertFlag, "--%s is set, so the file of the certificate is needed, too", tlsKeyFlag)
	}
	if f.mode > 0o777 || f.mode&0o600 != 0o600 {
		return wrong(listenModeFlag, "%s is not from 0600 to 0777 with read and write for the owner", f.mode.String())
	}
	if f.maxConnections < 0 || f.maxConnections > mostConnections {
		return wrong(maxConnectionsFlag, "%d is not from 0 to %d", f.maxConnections, mostConnections)
	}
	return nil
}

// onSocket reports whether a listener is a Unix socket.
func (f *listenFlags) onSocket() bool {
	return strings.HasPrefix(f.listen, unixPrefix) || strings.HasPrefix(f.metricsListen, unixPrefix)
}

const (
	unixPrefix = web.UnixPeer + ":"
	// maxSocketPath is what fits into sockaddr_un, in bytes, less the zero at its end.
	maxSocketPath = 107
)

// checkAddress validates an address to listen on.
func checkAddress(address string) error {
	if path, is := strings.CutPrefix(address, unixPrefix); is {
		switch {
		case path == "" || strings.HasSuffix(path, "/"):
			return fmt.Errorf("%q names no socket: write unix:/run/jeton/jeton.sock", address)
		case strings.HasPrefix(path, "@") || strings.ContainsRune(path, 0):
			return fmt.Errorf("%q is an abstract socket, which every user of the machine can reach: write a path", address)
		case strings.HasPrefix(path, "//"):
			return fmt.Errorf("%q: write unix:/path, with one slash", address)
		case len(path) > maxSocketPath:
			return fmt.Errorf("the path of a Unix socket has at most %d bytes, and this one has %d: %q", maxSocketPath, len(path), path)
		}
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port, and not unix:/path", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port from 0 to 65535", address)
	}
	return nil
}

// checkMetricsListen validates the address of the metrics; public is the address of
// the server.
func checkMetricsListen(address, public string) error {
	if address == "" {
		return nil
	}
	if err := checkAddress(address); err != nil {
		return err
	}
	if address == public && !strings.HasSuffix(address, ":0") {
		return errors.New("it is the address of --listen: metrics need another address")
	}
	return nil
}

// octal is a flag of a file's mode.
type octal fs.FileMode

// String implements pflag.Value.
func (o *octal) String() string { return fmt.Sprintf("%04o", *o) }

// Type implements pflag.Value.
func (*octal) Type() string { return typeMode }

// Set implements pflag.Value.
func (o *octal) Set(text string) error {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "0o"), 8, 32)
	if err != nil {
		return errors.New("must be a mode in octal, such as 0660")
	}
	*o = octal(n)
	return nil
}
