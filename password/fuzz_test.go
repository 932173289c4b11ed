package password

import (
	"os"
	"reflect"
	"testing"
)

// FuzzParse: for any text, parse does not panic, accepts only hashes within the bounds, and
// reads an argon2id hash again from its String.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		h, ok := parse(s)
		if !ok {
			return
		}
		switch h := h.(type) {
		case argon2id:
			if h.memory > maxMemory || h.time < 1 || h.time > maxTime || h.threads < 1 || h.threads > maxThreads ||
				len(h.salt) > maxLength || len(h.key) < minKey || len(h.key) > maxLength {
				t.Errorf("out of bounds: %+v", h)
			}
			again, ok := parse(h.String())
			if !ok || !reflect.DeepEqual(again, stored(h)) {
				t.Errorf("%q written again is %q, read as %+v", s, h, again)
			}
		case pbkdf2Hash:
			if h.rounds > maxPBKDF2Rounds || h.rounds < 1 || len(h.key) < minKey || len(h.key) > maxLength {
				t.Errorf("out of bounds: %+v", h)
			}
		}
	})
}

// A fuzz target without seeds would test nothing.
func TestSeedsOfFuzzing(t *testing.T) {
	seeds, err := os.ReadDir("testdata/fuzz/FuzzParse")
	if err != nil || len(seeds) == 0 {
		t.Errorf("%d seeds, %v", len(seeds), err)
	}
}
