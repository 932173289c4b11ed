package jeton_test

import (
	"testing"

	"jeton"
)

// A service without limits would allow password guessing, so NewService panics.
func TestServiceNeedsLimits(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a service without limits was made")
		}
	}()
	jeton.NewService(jeton.Options{})
}
