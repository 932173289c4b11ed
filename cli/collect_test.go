package cli_test

import (
	"testing"

	"jeton/cli"
)

// The heap may fill the room there is, and where more lives, double.
func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: 500, 1 << 20: 500, 4 << 20: 500, 8 << 20: 200, 12 << 20: 100, 100 << 20: 100, 1 << 40: 100} {
		if got := cli.Growth(live); got != want {
			t.Errorf("%d MiB: %d, want %d", live>>20, got, want)
		}
	}
}
