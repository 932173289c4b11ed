package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"

	"jeton/metrics"
	"jeton/node"
	"jeton/web"
)

// metricsServer serves metrics and health on an address of its own. It starts before
// the database is opened and ends after it is closed. All methods do nothing on nil.
type metricsServer struct {
	metrics *metrics.Metrics
	health  *metrics.Health
	http    *http.Server
	address net.Addr
	https   bool
	out     io.Writer // for hello
	ended   chan struct{}
}

// startMetrics starts to serve on the address of the flags. It returns nil if that is empty.
func startMetrics(ctx context.Context, f listenFlags, certificates *web.Certificates, out io.Writer, log *slog.Logger) (*metricsServer, error) {
	if f.metricsListen == "" {
		return nil, nil
	}
	l, err := listen(ctx, metricsListenFlag, f.metricsListen, fs.FileMode(f.mode))
	if err != nil {
		return nil, err
	}
	m := &metricsServer{
		metrics: metrics.New(metrics.Build{Version: version, Revision: revision()}),
		health:  metrics.NewHealth(log), address: l.Addr(), out: out, ended: make(chan struct{}),
	}
	m.http = web.NewServer(metrics.Handler(m.metrics, m.health, log), log)
	limits := web.ConnectionLimits{All: metricsConnections, Network: metricsConnections, Proxy: metricsConnections}
	m.https = certificates != nil && !isSocket(l)
	l = secured(m.http, web.NewConnections(limits, log, nil).Guard(m.http, l), certificates)
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

// count makes the metrics show the connections of the server.
func (m *metricsServer) count(c *web.Connections) {
	if m != nil {
		m.metrics.WatchConnections(func() metrics.Connections { return metrics.Connections(c.Stats()) })
	}
}

func (m *metricsServer) hello() {
	if m != nil {
		address := reachedBy(nil, m.address, m.https)
		if m.address.Network() == web.UnixPeer {
			address += " "
		}
		fmt.Fprintf(m.out, "Metrics at %s/metrics, health at /healthz and /readyz\n", address)
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
