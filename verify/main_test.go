package verify_test

import (
	"testing"

	"jeton/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
