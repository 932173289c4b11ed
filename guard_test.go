package jeton_test

import (
	"testing"

	"jeton"
)

// A service that got no limits would let anyone guess passwords: there is none.
func TestServiceNeedsLimits(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a service without limits was made")
		}
	}()
	jeton.NewService(jeton.Options{})
}
