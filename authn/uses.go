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
	// DefaultUsesEvery is how long uses are gathered before they are written.
	DefaultUsesEvery = 30 * time.Second

	useShards = 64
	// maxShardUses bounds what is gathered: 65,536 tokens in all, some 10 MiB. From
	// half of that on it is written at once.
	maxShardUses = 1024

	lastFlushTime = 5 * time.Second // for what is written when Run ends
)

// UseStore is what gathered uses are written to.
type UseStore interface {
	AddUses(ctx context.Context, uses []jeton.Use) error
}

// UsesOptions is what Uses are made of. Store is needed; the rest has defaults.
type UsesOptions struct {
	Store UseStore
	Every time.Duration // DefaultUsesEvery
	Log   *slog.Logger  // discards
}

// Uses gathers in memory when tokens are used, where from and how often, and
// writes it from time to time. Its methods are safe for concurrent use.
//
// A crash loses what was gathered since the last flush. What the store did not
// take is kept for the next flush; where the store took it and only its answer
// was lost, that counts twice.
type Uses struct {
	store    UseStore
	every    time.Duration
	log      *slog.Logger
	seed     maphash.Seed
	shards   [useShards]useShard
	early    chan struct{} // holds one: there is enough to flush before the time
	flushing chan struct{} // holds one: whoever has it flushes
	dropped  atomic.Int64  // uses for which there was no room
	told     int64         // of those, what the log was told of; whoever flushes has it
}

// NewUses makes an empty gathering.
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

// Note takes in one use of a token, by its id, at a time in Unix milliseconds.
// It waits for nothing but memory, and allocates only at a token's first use
// since the last flush. The strings are kept until then.
func (u *Uses) Note(tokenID, address string, at int64) {
	use := jeton.Use{TokenID: tokenID, At: at, Address: address, Count: 1}
	kept, many := u.shard(tokenID).note(use)
	if !kept {
		u.dropped.Add(1)
	}
	if many {
		select {
		case u.early <- struct{}{}:
		default:
		}
	}
}

func (u *Uses) shard(tokenID string) *useShard {
	return &u.shards[maphash.String(u.seed, tokenID)%useShards]
}

// Run writes what is gathered every so often, and once more when ctx ends. Call
// it before the store is closed, and end it after the last request.
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
			early = nil // a store that fails is asked again when it is time, not by every use
			u.log.Warn("uses of tokens could not be written; they are kept for the next time", "error", err)
		}
	}
}

// Flush writes what was gathered until now. After an error what was not written
// is gathered still.
func (u *Uses) Flush(ctx context.Context) error {
	select {
	case u.flushing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-u.flushing }()
	uses := u.take()
	for len(uses) > 0 {
		some := uses[:min(len(uses), jeton.UseBatch)]
		if err := u.store.AddUses(ctx, some); err != nil {
			u.putBack(uses)
			return err
		}
		uses = uses[len(some):]
	}
	if n := u.dropped.Load(); n > u.told {
		u.log.Warn("uses of tokens were not counted: more tokens were used at once than are kept in memory", "count", n-u.told)
		u.told = n
	}
	return nil
}

// take empties the gathering. The uses come in the order of ids, which is about
// that of their rows.
func (u *Uses) take() (all []jeton.Use) {
	for i := range u.shards {
		all = u.shards[i].take(all)
	}
	slices.SortFunc(all, func(a, b jeton.Use) int { return cmp.Or(cmp.Compare(a.TokenID, b.TokenID), cmp.Compare(a.At, b.At)) })
	return all
}

func (u *Uses) putBack(uses []jeton.Use) {
	for _, use := range uses {
		if kept, _ := u.shard(use.TokenID).note(use); !kept {
			u.dropped.Add(use.Count)
		}
	}
}
