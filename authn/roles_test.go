package authn_test

import (
	"crypto/rand"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/authn"
	"jeton/sqlstore"
)

// Entries keep no old role table in memory, also if no token is used again after the roles
// changed.
func TestEarlierRolesTakeNoRoom(t *testing.T) {
	const size, tokens = 2 << 20, 1000
	s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: filepath.Join(t.TempDir(), "jeton.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	f := &fixture{t: t, now: time.UnixMilli(1_700_000_000_000), store: &lever{Store: s}}
	f.cache = authn.New(authn.Options{
		Store: f.store, Settings: jeton.DefaultSettings(), Size: size, Clock: func() time.Time { return f.now },
		Render: func(a jeton.Actor) (any, int) { return a.Username, 16 },
	})
	f.owner = f.user("ann", jeton.RoleSystemUser)
	var secrets []string
	f.change(jeton.TokenCreate, f.owner.ID, f.owner.ID, func(tx jeton.Tx) error {
		for range tokens {
			secret, d, _ := jeton.SecretFormat{}.NewToken(rand.Reader)
			secrets = append(secrets, secret.Reveal())
			tok := jeton.Token{ID: jeton.NewID(f.now, rand.Reader), UserID: f.owner.ID, Active: true, CreateAt: 1}
			if err := tx.AddToken(tok, d); err != nil {
				return err
			}
		}
		return nil
	})
	f.follow()
	before := apitest.Heap()
	for i, secret := range secrets {
		f.cache.Apply(jeton.Event{Position: int64(1000 + i), Action: jeton.RolePatch})
		if _, err := f.cache.Verify(t.Context(), secret, false); err != nil {
			t.Fatal(err)
		}
	}
	if grown := apitest.Heap() - before; grown > size {
		t.Errorf("the heap grew by %d KiB; the cache may take %d", grown>>10, size>>10)
	}
	runtime.KeepAlive(secrets)
	runtime.KeepAlive(f)
}
