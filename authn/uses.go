package authn

import (
	"cmp"
	"context"
	"hash/maphash"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"jeton"
)

const (
	// DefaultUsesEvery is the default time between two writes of the buffered uses.
	DefaultUsesEvery = 30 * time.Second

	useShards = 64
	// maxShardUses bounds the buffer: 65,536 tokens in all, about 10 MiB. A shard that is
	// half full makes Run write the buffer at once.
	maxShardUses = 1024

	lastFlushTime = 5 * time.Second // for the last flush, when Run ends
)

// UseStore is where Uses writes.
type UseStore interface {
	AddUses(ctx context.Context, uses []jeton.Use) error
}

// UsesOptions configure Uses. Store is required; the comments name the defaults of the
// other fields.
type UsesOptions struct {
	Store UseStore
	Every time.Duration // DefaultUsesEvery
	Log   *slog.Logger  // Uses logs nothing
}

// Uses buffers the uses of tokens in memory (last time, address and number a day) and
// writes them to the store at intervals. Its methods are safe for concurrent use.
//
// A crash loses the uses since the last flush. If a write fails, the next flush writes
// those uses again. If the store committed the write and only its answer was lost, they
// are counted twice.
type Uses struct {
	store    UseStore
	every    time.Duration
	log      *slog.Logger
	seed     maphash.Seed
	shards   [useShards]useShard
	early    chan struct{} // holds one request to flush before the next tick
	flushing chan struct{} // a semaphore of one: its holder flushes
	dropped  atomic.Int64  // uses that were not counted because the buffer was full
	reported int64         // how many of dropped were logged; the holder of flushing owns it
}

// NewUses returns an empty buffer.
func NewUses(o UsesOptions) *Uses {
	if o.Every <= 0 {
		o.Every = DefaultUsesEvery
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Uses{
		store: o.Store, every: o.Every, log: o.Log, seed: maphash.MakeSeed(),
		early: make(chan struct{}, 1), flushing: make(chan struct{}, 1),
	}
}

// Note counts one use of a token at a time in Unix milliseconds. It never waits for the
// store. It allocates only at a token's first use since the last flush. The buffer holds
// both strings until the next flush. An empty address is not known; it leaves the last
// address as it is.
func (u *Uses) Note(tokenID, address string, at int64) {
	use := jeton.Use{TokenID: tokenID, At: at, Address: address, Count: 1}
	added, halfFull := u.shard(tokenID).note(use)
	if !added {
		u.dropped.Add(1)
	}
	if halfFull {
		select {
		case u.early <- struct{}{}:
		default:
		}
	}
}

func (u *Uses) shard(tokenID string) *useShard {
	return &u.shards[maphash.String(u.seed, tokenID)%useShards]
}

// Run writes the buffered uses at intervals, and once more when ctx ends. End ctx after
// the last request, and close the store after Run has returned.
func (u *Uses) Run(ctx context.Context) {
	tick := time.NewTicker(u.every)
	defer tick.Stop()
	early := u.early
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlushTime)
			defer cancel()
			if err := u.Flush(ctx); err != nil {
				u.log.Warn("the last uses of tokens are lost: they could not be written", "error", err)
			}
			return
		case <-tick.C:
		case <-early:
		}
		early = u.early
		if err := u.Flush(ctx); err != nil && ctx.Err() == nil {
			early = nil // the store fails: retry at the next tick, not at every use
			u.log.Warn("uses of tokens could not be written; they are kept for the next time", "error", err)
		}
	}
}

// Flush writes the uses buffered until now. After an error, the uses that it did not write
// are in the buffer again.
func (u *Uses) Flush(ctx context.Context) error {
	select {
	case u.flushing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-u.flushing }()
	uses := u.drain()
	for len(uses) > 0 {
		batch := uses[:min(len(uses), jeton.UseBatch)]
		if err := u.store.AddUses(ctx, batch); err != nil {
			u.putBack(uses)
			return err
		}
		uses = uses[len(batch):]
	}
	if n := u.dropped.Load(); n > u.reported {
		u.log.Warn("uses of tokens were not counted: more tokens were used at once than are kept in memory", "count", n-u.reported)
		u.reported = n
	}
	return nil
}

// drain empties the buffer. It returns the uses in the order of the tokens' ids, which is
// roughly the order of their rows.
func (u *Uses) drain() (all []jeton.Use) {
	for i := range u.shards {
		all = u.shards[i].drain(all)
	}
	slices.SortFunc(all, func(a, b jeton.Use) int { return cmp.Or(cmp.Compare(a.TokenID, b.TokenID), cmp.Compare(a.At, b.At)) })
	return all
}

// putBack adds uses to the buffer again after a failed write.
func (u *Uses) putBack(uses []jeton.Use) {
	for _, use := range uses {
		if added, _ := u.shard(use.TokenID).note(use); !added {
			u.dropped.Add(use.Count)
		}
	}
}
