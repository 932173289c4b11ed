package cli

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// roomyHeap is what the heap may grow to, in bytes, before it is collected, where
	// less than half of it lives. What lives is small here, so the usual doubling
	// collects all the time: see docs/adr/0012.
	roomyHeap    = 24 << 20
	leastGrowth  = 100 // percent: what lives may always double
	mostGrowth   = 500
	growthLooked = time.Second
)

// growth returns how far the heap may grow before it is collected, in percent of
// what lives of it, in bytes.
func growth(live uint64) int {
	if live == 0 {
		return mostGrowth
	}
	return min(mostGrowth, max(leastGrowth, int(roomyHeap*100/live)-100))
}

// collectRarely sets the collector by what lives, until ctx ends.
func collectRarely(ctx context.Context) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(growthLooked)
	defer tick.Stop()
	for was := 0; ; {
		metrics.Read(sample)
		if now := growth(sample[0].Value.Uint64()); now > was+was/10 || now < was-was/10 { // to set it stops the world
			debug.SetGCPercent(now)
			was = now
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
