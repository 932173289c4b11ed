package cli

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	// logBuffer is how many lines may wait for a reader that is slow. More are dropped and
	// counted: a server must not stand still because nothing reads its log.
	logBuffer = 4096
	// logFlush is how long the lines that wait have to be written at the end.
	logFlush = time.Second
)

// logOutput writes the lines of the log behind the program: to a file, which it opens
// again on demand, or to a stream.
type logOutput struct {
	path    string                 // empty: a stream
	missing func(lines int) []byte // the line that says how many were dropped
	lines   chan []byte
	ended   chan struct{}

	mu      sync.Mutex // guards the next two
	closed  bool
	dropped int

	writing sync.Mutex // guards the next two
	out     io.Writer
	opened  bool // out is a file that was opened here
}

// openLog returns the log of a server, and what writes it: to the file of the path, or to
// stream if that is empty. The caller closes the output when nothing logs any more.
func openLog(path string, stream io.Writer, level, format string) (*slog.Logger, *logOutput, error) {
	l := &logOutput{path: path, out: stream, lines: make(chan []byte, logBuffer), ended: make(chan struct{})}
	log, err := newLogger(l, level, format)
	if err != nil {
		return nil, nil, err
	}
	l.missing = func(lines int) []byte {
		var line bytes.Buffer
		if log, err := newLogger(&line, level, format); err == nil {
			log.Error("lines of the log were dropped: they were not read in time", "lines", lines)
		}
		return line.Bytes()
	}
	if err := l.reopen(); err != nil {
		return nil, nil, usage(fmt.Errorf("--%s: %w", logFileFlag, err), "name a file that this user can write, or leave the flag out: the log goes to stderr")
	}
	go l.run()
	return log, l, nil
}

// Write implements io.Writer for slog, which calls it once a line. It never blocks.
func (l *logOutput) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return len(line), nil
	}
	if l.dropped > 0 && len(l.lines) < cap(l.lines)-1 { // no other goroutine adds one
		l.lines <- l.missing(l.dropped)
		l.dropped = 0
	}
	select {
	case l.lines <- bytes.Clone(line):
	default:
		l.dropped++
	}
	return len(line), nil
}

func (l *logOutput) run() {
	defer close(l.ended)
	for line := range l.lines {
		l.writing.Lock()
		_, _ = l.out.Write(line) // nothing is left to report an error to
		l.writing.Unlock()
	}
	l.mu.Lock()
	dropped := l.dropped
	l.mu.Unlock()
	if dropped > 0 {
		_, _ = l.out.Write(l.missing(dropped)) // reopen is not called any more
	}
}

// reopen opens the file again by its name, which another program may have moved away. If
// that fails, the file before it stays in use. It does nothing for a stream.
func (l *logOutput) reopen() error {
	if l.path == "" {
		return nil
	}
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	l.writing.Lock()
	before, isFile := l.out.(*os.File)
	opened := l.opened
	l.out, l.opened = file, true
	l.writing.Unlock()
	if isFile && opened {
		return before.Close()
	}
	return nil
}

// close waits until the lines that wait are written, for logFlush at most.
func (l *logOutput) close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.lines)
	}
	l.mu.Unlock()
	select {
	case <-l.ended:
	case <-time.After(logFlush):
	}
}
