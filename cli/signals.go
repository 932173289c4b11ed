package cli

import (
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// hangups are the signals that would end a program that does not expect them, but that
// administrators and their tools send to servers that keep running: logrotate, "systemctl
// reload", a terminal that is closed.
type hangups struct {
	received chan os.Signal
	ended    chan struct{}
}

// watchHangups calls reload for each SIGHUP and SIGUSR1, one after the other, and ignores
// SIGUSR2, until close. SIGPIPE is ignored for the life of the process: a program that
// read the log may end before this one.
func watchHangups(log *slog.Logger, reload func()) *hangups {
	signal.Ignore(syscall.SIGPIPE)
	h := &hangups{received: make(chan os.Signal, 1), ended: make(chan struct{})}
	signal.Notify(h.received, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		defer close(h.ended)
		for s := range h.received {
			if s == syscall.SIGUSR2 {
				log.Info("signal ignored", "signal", s.String())
				continue
			}
			log.Info("signal received: reading again what may have changed", "signal", s.String())
			reload()
		}
	}()
	return h
}

// close ends the calls. The signals stay without effect: the program is about to end by
// itself.
func (h *hangups) close() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	signal.Stop(h.received)
	close(h.received)
	<-h.ended
}

// reloads are what a signal reads again, in the order in which they were added.
type reloads struct {
	log *slog.Logger
	mu  sync.Mutex
	all []func() error
}

// add adds one. Its error is logged.
func (r *reloads) add(reload func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, reload)
}

func (r *reloads) run() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, reload := range r.all {
		if err := reload(); err != nil {
			r.log.Warn("it cannot be read again, and stays as it is", "error", err)
		}
	}
}
