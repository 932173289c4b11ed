package authn_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/authn"
)

// manyUsers is a store that has a user for every id.
type manyUsers struct {
	*lever
	nickname string
}

func (s manyUsers) User(_ context.Context, id string) (jeton.User, error) {
	return jeton.User{
		ID: id, Username: strings.Clone("user" + id), Email: strings.Clone(id + "@example.com"), Nickname: strings.Clone(s.nickname),
		Roles: []string{strings.Clone("system_user")}, PasswordHash: strings.Repeat("x", 100), Locale: strings.Clone("en"), CreateAt: 1,
	}, nil
}

// Cached users use no more memory than their part of Options.Size, for any number of users
// and any length of their texts.
func TestUsersTakeTheirRoom(t *testing.T) {
	const size = 8 << 20 // a quarter of it for users
	for _, nickname := range []string{"", strings.Repeat("x", 200)} {
		f := newFixture(t)
		f.cache = authn.New(authn.Options{
			Store: manyUsers{f.store, nickname}, Settings: jeton.DefaultSettings(), Size: size, Clock: func() time.Time { return f.now },
		})
		f.follow()
		before := apitest.Heap()
		for i := range 20_000 {
			if _, err := f.cache.User(t.Context(), fmt.Sprintf("%026d", i)); err != nil {
				t.Fatal(err)
			}
		}
		grown := apitest.Heap() - before
		runtime.KeepAlive(f)
		t.Logf("%d bytes", grown)
		if grown > size/4 {
			t.Errorf("users with nicknames of %d bytes take %d bytes of %d", len(nickname), grown, size/4)
		}
	}
}
