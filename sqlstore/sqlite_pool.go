package sqlstore

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// sqlitePool is some reading connections, opened when they are first needed.
type sqlitePool struct {
	open  func() (*sqliteConn, error)
	slots chan *sqliteConn // each holds a connection, or nil for one to be opened
	once  sync.Once
	limit time.Duration // of each read
	// intact returns why nothing may be read; it costs next to nothing.
	intact func() error

	opened, used, waits, waited atomic.Int64
}

func newSQLitePool(n int, open func() (*sqliteConn, error)) *sqlitePool {
	p := &sqlitePool{open: open, slots: make(chan *sqliteConn, n), limit: readTime}
	for range n {
		p.slots <- nil
	}
	return p
}

// query implements source. The wait for a connection obeys ctx, and so does the
// statement.
func (p *sqlitePool) query(ctx context.Context, s statement, scan func(row) error) error {
	c, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer p.give(c)
	return c.limited(ctx, p.limit, func() error { return c.run(s, scan) })
}

// snapshot implements snapshots.
func (p *sqlitePool) snapshot(ctx context.Context, read func(source) error) error {
	c, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer p.give(c)
	return c.readState(ctx, readTime, read)
}

// take waits for a connection. give must follow.
func (p *sqlitePool) take(ctx context.Context) (*sqliteConn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := p.intact(); err != nil {
		return nil, err
	}
	c, ok, err := p.free(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errClosed
	}
	p.used.Add(1)
	if c != nil {
		return c, nil
	}
	if c, err = p.open(); err != nil {
		p.give(nil)
		return nil, err
	}
	p.opened.Add(1)
	return c, nil
}

func (p *sqlitePool) free(ctx context.Context) (c *sqliteConn, ok bool, err error) {
	select {
	case c, ok = <-p.slots:
		return c, ok, nil
	default:
	}
	began := time.Now()
	p.waits.Add(1)
	defer func() { p.waited.Add(int64(time.Since(began))) }()
	select {
	case c, ok = <-p.slots:
		return c, ok, nil
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

func (p *sqlitePool) give(c *sqliteConn) {
	p.used.Add(-1)
	p.slots <- c
}

// close waits for the reads under way, and closes all connections. No read may
// begin after it.
func (p *sqlitePool) close() {
	p.once.Do(func() {
		for range cap(p.slots) {
			if c := <-p.slots; c != nil {
				c.close()
			}
		}
		close(p.slots)
	})
}

func (p *sqlitePool) stats() Pool {
	return Pool{
		Max: cap(p.slots), Open: int(p.opened.Load()), InUse: int(p.used.Load()),
		Waits: p.waits.Load(), Waited: time.Duration(p.waited.Load()),
	}
}
