package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"jeton/metrics"
	"jeton/node"
	"jeton/web"
)

const (
	shutdownTime = 30 * time.Second // for requests in progress to finish after a signal
	closeTime    = 10 * time.Second // for the database to be closed after that
)

// server is the running program: a node and what belongs to the process.
type server struct {
	log      *slog.Logger
	metrics  *metricsServer // nil: there is none
	node     *node.Node
	listener net.Listener
	tls      *web.Certificates // nil: http
	http     *http.Server
	work     sync.WaitGroup     // node.Run
	cancel   context.CancelFunc // ends it
	address  string             // the URL that clients use
	hello    func()             // prints the address and the first commands
}

// startServer opens the database, makes the first administrator and listens. A
// request that arrives after it returns waits until run accepts it.
func startServer(ctx context.Context, t *terminal, f serveFlags, log *slog.Logger, reload *reloads) (_ *server, err error) {
	s := &server{log: log, cancel: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.tls, err = loadCertificates(f.listenFlags, log, reload); err != nil {
		return nil, err
	}
	if s.metrics, err = startMetrics(ctx, f.listenFlags, s.tls, t.out, log); err != nil {
		return nil, err
	}
	if s.node, err = waitForNode(ctx, f, s.metrics.numbers(), log); err != nil {
		return nil, err
	}
	admin := firstAdmin{dir: dataDir(f.db), given: f.passwordFromEnvironment, terminal: t, log: log}
	if err := admin.ensure(ctx, s.node.Store, s.node.Passwords, bootstrap(s.node.Service)); err != nil {
		return nil, err
	}
	s.background(ctx)
	if err := s.listen(ctx, f); err != nil {
		return nil, err
	}
	s.metrics.serving(s.node)
	s.address = reachedBy(f.public, s.listener.Addr(), s.tls != nil)
	checkName(s.tls, s.address, log)
	s.hello = func() { welcome(t.out, os.Args[0], s.address, admin.path()) }
	return s, nil
}

// listen makes the listener and the server of all requests of clients.
func (s *server) listen(ctx context.Context, f serveFlags) (err error) {
	if s.listener, err = listen(ctx, listenFlag, f.listen, fs.FileMode(f.mode)); err != nil {
		return err
	}
	s.http = web.NewServer(s.node.Handler, s.log)
	connections := web.NewConnections(web.LimitConnections(connectionLimit(f.maxConnections, s.log), f.trusted), s.log, nil)
	s.listener = secured(s.http, connections.Guard(s.http, s.listener), s.tls)
	s.metrics.count(connections)
	return nil
}

// openNode opens the node that the flags describe.
func openNode(ctx context.Context, f serveFlags, m *metrics.Metrics, log *slog.Logger) (*node.Node, error) {
	return node.Open(ctx, node.Options{
		Database: f.db, Settings: f.settings(), Log: log, Build: version, Public: f.public, Proxies: f.trusted,
		Verify: f.verify.settings, VerifyTimeout: f.verify.timeout, Lease: f.lease, CacheSize: f.cacheMiB << 20,
		KeepRetired: f.keepRetired, KeepExpired: f.ended.keepExpired, KeepRefusals: f.keepRefusals, Metrics: m,
	})
}

// background runs the node's work beside requests, until close.
func (s *server) background(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.work.Go(func() { s.node.Run(ctx) })
}

// run serves until a signal, then lets the requests in progress finish.
func (s *server) run(ctx context.Context) error {
	stop, release := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer release()
	ended := make(chan error, 1)
	go func() { ended <- s.http.Serve(s.listener) }()
	s.log.Info("serving", "address", s.address, "version", version)
	s.metrics.hello()
	s.hello()
	select {
	case err := <-ended:
		return fmt.Errorf("the server failed: %w", err)
	case <-stop.Done():
	}
	s.metrics.ending()
	release() // a second signal ends the program at once
	s.log.Info("shutting down: finishing the requests in progress", "at_most", shutdownTime)
	ctx, cancel := context.WithTimeout(ctx, shutdownTime)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were aborted: they took longer than %s", shutdownTime), s.http.Close())
	}
	s.log.Info("shut down")
	return nil
}

// close ends what run does not: the listener of a server that never ran, the node's
// work beside requests, and the node, which first writes what is queued. It gives up
// after closeTime: every acknowledged change is on disk by then.
func (s *server) close() error {
	defer s.metrics.close()
	s.metrics.ending()
	if s.http != nil {
		_ = s.http.Close()
	}
	if s.listener != nil {
		_ = s.listener.Close()
	}
	s.cancel()
	closed := make(chan error, 1)
	go func() {
		s.work.Wait()
		var err error
		if s.node != nil {
			err = s.node.Close()
		}
		closed <- err
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTime):
		return fmt.Errorf("the database was not closed within %s; every acknowledged change is on disk", closeTime)
	}
}
