package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"

	"jeton/metrics"
	"jeton/node"
	"jeton/web"
)

const metricsListenFlag = "metrics-listen"

// checkMetricsListen validates the address of the metrics; public is the address of
// the server.
func checkMetricsListen(address, public string) error {
	if address == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q has no port from 0 to 65535", address)
	}
	if address == public && port != "0" {
		return errors.New("it is the address of --listen: metrics need another address")
	}
	return nil
}

// listen listens on the address that the flag gave.
func listen(ctx context.Context, flag, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, hint(fmt.Errorf("cannot listen: %w", err), "stop the program that uses the address, or choose another by --%s", flag)
	}
	return l, nil
}

// metricsServer serves metrics and health on an address of its own. It starts before
// the database is opened and ends after it is closed. All methods do nothing on nil.
type metricsServer struct {
	metrics *metrics.Metrics
	health  *metrics.Health
	http    *http.Server
	address net.Addr
	out     io.Writer // for hello
	ended   chan struct{}
}

// startMetrics starts to serve on an address. It returns nil if the address is empty.
func startMetrics(ctx context.Context, address string, out io.Writer, log *slog.Logger) (*metricsServer, error) {
	if address == "" {
		return nil, nil
	}
	l, err := listen(ctx, metricsListenFlag, address)
	if err != nil {
		return nil, err
	}
	m := &metricsServer{
		metrics: metrics.New(metrics.Build{Version: version, Revision: revision()}),
		health:  metrics.NewHealth(log), address: l.Addr(), out: out, ended: make(chan struct{}),
	}
	m.http = web.NewServer(metrics.Handler(m.metrics, m.health, log), log)
	go func() {
		defer close(m.ended)
		if err := m.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are no longer served", "error", err)
		}
	}()
	return m, nil
}

// numbers returns the metrics that a node keeps; nil: none are served, and so
// nothing is measured.
func (m *metricsServer) numbers() *metrics.Metrics {
	if m == nil {
		return nil
	}
	return m.metrics
}

// serving makes /readyz answer for the node.
func (m *metricsServer) serving(n *node.Node) {
	if m != nil {
		m.health.Serve(n.Health())
	}
}

func (m *metricsServer) hello() {
	if m != nil {
		fmt.Fprintf(m.out, "Metrics at %s/metrics, health at /healthz and /readyz\n", reachedBy(nil, m.address))
	}
}

// ending makes /readyz say that the server accepts no more requests.
func (m *metricsServer) ending() {
	if m != nil {
		m.health.End()
	}
}

func (m *metricsServer) close() {
	if m != nil {
		_ = m.http.Close()
		<-m.ended
	}
}
