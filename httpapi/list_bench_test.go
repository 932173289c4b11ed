package httpapi_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"jeton"
	"jeton/apitest"
	"jeton/password"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// BenchmarkLists measures what the reads that are asked for most cost the server, from
// the handler down to the database, without the network.
func BenchmarkLists(b *testing.B) {
	const users, tokens = 10_000, 100_000
	for engine, url := range map[string]string{"sqlite": filepath.Join(b.TempDir(), "jeton.db"), "postgres": pgtest.URL(b)} {
		seedLists(b, url, users, tokens)
		s := apitest.Start(b, apitest.Options{Database: url})
		for name, path := range map[string]string{
			"of":   "/users/%s/tokens",
			"60":   "/users/tokens",
			"200":  "/users/tokens?per_page=200",
			"deep": fmt.Sprintf("/users/tokens?per_page=200&page=%d", tokens/200-1),
			"me":   "/users/me",
		} {
			b.Run(engine+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					target := path
					if name == "of" {
						target = fmt.Sprintf(path, seededUser(i*7919%users))
					}
					r := httptest.NewRequest(http.MethodGet, "/api/v4"+target, http.NoBody)
					r.Header.Set("Authorization", "Bearer "+s.Admin)
					w := discard{header: http.Header{}}
					if s.Handler.ServeHTTP(&w, r); w.status != http.StatusOK {
						b.Fatal(w.status)
					}
				}
			})
		}
	}
}

// discard is an answer that nobody reads.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return io.Discard.Write(b) }

func seededUser(i int) string { return fmt.Sprintf("%026d", i) }

// seedLists fills a new database with the administrator, and users that take turns to make
// tokens.
func seedLists(b *testing.B, url string, users, tokens int) {
	b.Helper()
	hash, err := password.Cheap().Hash(context.Background(), apitest.Password)
	if err != nil {
		b.Fatal(err)
	}
	store, err := sqlstore.Open(b.Context(), sqlstore.Options{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	admin := jeton.User{
		ID: jeton.NewID(time.Now(), rand.Reader), Username: jeton.FirstAdmin, Email: "admin@localhost", PasswordHash: hash,
		Roles: []string{jeton.RoleSystemUser, jeton.RoleSystemAdmin},
	}
	err = store.Seed(b.Context(), sqlstore.SeedSource{
		UserCount: users + 1, TokenCount: tokens,
		Users: func(yield func(jeton.User) bool) {
			more := yield(admin)
			for i := 0; more && i < users; i++ {
				more = yield(jeton.User{ID: seededUser(i), Username: fmt.Sprint("user", i), Email: fmt.Sprintf("u%d@example.org", i)})
			}
		},
		Tokens: func(yield func(jeton.Token, jeton.Digest) bool) {
			for i := range tokens {
				t := jeton.Token{
					ID: jeton.NewID(time.Now(), rand.Reader), UserID: seededUser(i % users), Description: "nightly run of billing", Active: true,
					CreateAt: int64(1_700_000_000_000 + i), CreatedBy: seededUser(i % users), Hint: "aB3z", Seq: int64(i + 1),
				}
				if i%10 == 0 {
					t.Scopes = jeton.Scopes{"deploy:write", jeton.PermViewMembers}
				}
				var d jeton.Digest
				binary.BigEndian.PutUint64(d[:], uint64(i))
				if !yield(t, d) {
					return
				}
			}
		},
	}, nil)
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
}
