package jeton_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jeton"
)

// The ids of some times and random bytes. They must never change: new ids must sort with those
// in existing databases.
var knownIDs = []struct {
	ms         int64
	random, id string
}{
	{0, "0000000000000000000000", "11111111111111111111111111"},
	{1, "7157ba29c84b678be7255f", "1111111117rohgjbs37ph4z96o"},
	{1700000000000, "264e9e51e65f67d7b26157", "187wzsda11m6x9kjwshphoxke7"},
	{281474976710655, "ffffffffffffffffffffff", "zzzzzzzzzzzzzzzzzzzzzzzzzz"},
	{1764000000123, "f438d43297f8c3052facbb", "18fdf7zahht5jo3kkzwe83bhok"},
	{946684800000, "243e9cecb8273812d3dee5", "15g8omxe11k5x99eq1mmi6pmuu"},
}

func TestKnownIDs(t *testing.T) {
	for _, k := range knownIDs {
		random, _ := hex.DecodeString(k.random)
		if got := jeton.NewID(time.UnixMilli(k.ms), bytes.NewReader(random)); got != k.id {
			t.Errorf("%d and %s: %s, want %s", k.ms, k.random, got, k.id)
		}
	}
}

// An id is a number in base 32: the milliseconds, then the first 82 random bits.
func TestIDsAreNumbers(t *testing.T) {
	const alphabet = "13456789abcdefghijkmnopqrstuwxyz"
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, 1<<48-1).Draw(t, "ms")
		random := rapid.SliceOfN(rapid.Byte(), 11, 11).Draw(t, "random")
		id := jeton.NewID(time.UnixMilli(ms), bytes.NewReader(random))
		if len(id) != 26 || !jeton.ValidID(id) {
			t.Fatalf("%q is no id", id)
		}
		got := new(big.Int)
		for _, c := range id {
			digit := strings.IndexRune(alphabet, c)
			if digit < 0 {
				t.Fatalf("%q holds %q", id, c)
			}
			got.Add(got.Lsh(got, 5), big.NewInt(int64(digit)))
		}
		want := new(big.Int).Rsh(new(big.Int).SetBytes(random), 6)
		want.Add(want, new(big.Int).Lsh(big.NewInt(ms), 82))
		if got.Cmp(want) != 0 {
			t.Errorf("%s is %x, want %x", id, got, want)
		}
	})
}

func BenchmarkNewID(b *testing.B) {
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		jeton.NewID(now, rand.Reader)
	}
}
