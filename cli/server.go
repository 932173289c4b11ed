package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"jeton"
	"jeton/authn"
	"jeton/front"
	"jeton/jobs"
	"jeton/limit"
	"jeton/password"
	"jeton/sqlstore"
	"jeton/verify"
	"jeton/web"
)

const (
	shutdownTime = 30 * time.Second // for requests under way to end after a signal
	closeTime    = 10 * time.Second // for the database to be closed after that
)

// server is a running jeton: what has to be ended, in the opposite order of its
// making.
type server struct {
	log      *slog.Logger
	metrics  *metricsServer // nil: there is none
	store    *sqlstore.Store
	listener net.Listener
	http     *http.Server
	work     sync.WaitGroup     // beside the requests: following the journal, counting refusals and uses, cleaning
	cancel   context.CancelFunc // ends it
	address  string             // where people reach it
	hello    func()             // says so
}

// startServer makes everything a server is made of. It listens when it returns:
// a request that comes from then on waits until run takes it.
func startServer(ctx context.Context, t *terminal, f serveFlags, log *slog.Logger) (_ *server, err error) {
	s := &server{log: log, cancel: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.metrics, err = startMetrics(ctx, f.metricsListen, t.out, log); err != nil {
		return nil, err
	}
	watch := s.metrics.watch()
	if s.store, err = openStoreWith(ctx, sqlstore.Options{URL: f.db, Log: log, Grouped: watch.grouped}); err != nil {
		return nil, err
	}
	settings := f.settings()
	hasher := password.New(password.Params{})
	cache := authn.New(authn.Options{
		Store: s.store, Settings: settings, Lease: f.lease, Size: f.cacheMiB << 20, Timeout: f.verify.timeout,
		Render: verify.Render, Log: log, Count: watch.count, Applied: watch.applied,
	})
	service := jeton.NewService(jeton.Options{Store: s.store, Directory: cache, Passwords: hasher, Limits: limit.ForService(), Settings: settings})
	admin := firstAdmin{dir: dataDir(f.db), given: f.passwordFromEnvironment, terminal: t, log: log}
	if err := admin.ensure(ctx, s.store, hasher, bootstrap(service)); err != nil {
		return nil, err
	}
	uses := authn.NewUses(authn.UsesOptions{Store: s.store, Log: log})
	cleaner := jobs.Cleaner{Store: s.store, KeepRetired: f.keepRetired, Log: log}
	beside := []func(context.Context){cache.Run, service.Run, uses.Run, cleaner.Run}
	if t.env("GOGC") == "" { // else somebody has chosen
		beside = append(beside, collectRarely)
	}
	s.background(ctx, beside...)
	s.http = web.NewServer(front.New(front.Options{
		Service: service, Cache: cache, Used: uses.Note, Log: log, Public: f.public, Proxies: f.trusted, Build: version,
		Verify: f.verify.settings, Watch: watch.front,
		Ping: func(ctx context.Context) error { _, err := s.store.Head(ctx); return err },
	}), log)
	if s.listener, err = listen(ctx, listenFlag, f.listen); err != nil {
		return nil, err
	}
	s.metrics.serving(s.store, cache, uses)
	s.address = reachedBy(f.public, s.listener.Addr())
	s.hello = func() { welcome(t.out, os.Args[0], s.address, admin.path()) }
	return s, nil
}

// background runs what goes on beside the requests, until close.
func (s *server) background(ctx context.Context, runs ...func(context.Context)) {
	ctx, s.cancel = context.WithCancel(ctx)
	for _, run := range runs {
		s.work.Go(func() { run(ctx) })
	}
}

// run serves until a signal, then lets the requests under way end.
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
		return fmt.Errorf("cannot go on serving: %w", err)
	case <-stop.Done():
	}
	s.metrics.ending()
	release() // from now on a second signal does what signals do: it ends the program at once
	s.log.Info("shutting down: requests under way are finished", "at_most", shutdownTime)
	ctx, cancel := context.WithTimeout(ctx, shutdownTime)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: they took longer than %s", shutdownTime), s.http.Close())
	}
	s.log.Info("shut down")
	return nil
}

// close ends what run does not: the listener of a server that never ran, the
// work beside the requests, and the store, which first writes what is queued. It
// gives up after a while: what was acknowledged is on disk already, and a program
// that hangs helps nobody.
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
		if s.store != nil {
			err = s.store.Close()
		}
		closed <- err
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeTime):
		return fmt.Errorf("the database did not let go within %s; what was acknowledged is safe", closeTime)
	}
}
