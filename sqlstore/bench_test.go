package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"jeton"
	"jeton/pgtest"
	"jeton/sqlstore"
)

// benchTokens is how many tokens the databases of benchmarks hold; set
// JETON_BENCH_TOKENS for another number.
func benchTokens(b *testing.B) int {
	text := os.Getenv("JETON_BENCH_TOKENS")
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchEngines runs a benchmark on both engines, seeded once; PostgreSQL with fsync.
func benchEngines(b *testing.B, bench func(b *testing.B, s *sqlstore.Store, users int)) {
	n := benchTokens(b)
	sqlite := seeded(b, engines()["sqlite"](b), n)
	b.Run("sqlite", func(b *testing.B) { bench(b, sqlite, n/10) })
	dir, err := os.MkdirTemp("", "pgbench")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	server, err := pgtest.Start(dir, true)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(server.Stop)
	postgres := seeded(b, server.URL("postgres"), n)
	b.Run("postgres", func(b *testing.B) { bench(b, postgres, n/10) })
}

func seeded(b *testing.B, url string, tokens int) *sqlstore.Store {
	b.Helper()
	s := mustOpen(b, sqlstore.Options{URL: url})
	began := time.Now()
	if err := s.Seed(b.Context(), seedOf(tokens/10, tokens), nil); err != nil {
		b.Fatal(err)
	}
	b.Logf("seeded %d tokens in %s: %.0f/s", tokens, time.Since(began).Round(time.Millisecond),
		float64(tokens)/time.Since(began).Seconds())
	return s
}

func BenchmarkCreate(b *testing.B) {
	var made atomic.Int64
	benchEngines(b, func(b *testing.B, s *sqlstore.Store, users int) {
		began := time.Now()
		b.SetParallelism(8) // of 2 processors: 16 at once
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				n := made.Add(1)
				owner := userID(int(rand.Int64N(int64(users))))
				id := fmt.Sprintf("new%023d", n)
				p := jeton.Prefetch{CredentialID: tokenID(1), Kind: jeton.KindToken, OwnerID: owner}
				_, _, err := s.Change(b.Context(), p, func(tx jeton.Tx) (jeton.Event, error) {
					if _, err := tx.RoleTable(); err != nil {
						return jeton.Event{}, err
					}
					if _, err := tx.CredentialByID(tokenID(1), jeton.KindToken); err != nil {
						return jeton.Event{}, err
					}
					if _, _, err := tx.OwnerTokens(owner); err != nil {
						return jeton.Event{}, err
					}
					e := jeton.Event{At: began.UnixMilli(), Actor: owner, Via: "session:" + id, Action: jeton.TokenCreate, Target: id}
					return e, tx.AddToken(jeton.Token{ID: id, UserID: owner, Description: "made by a benchmark", Active: true}, randomDigest())
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
	})
}

func randomDigest() (d jeton.Digest) {
	d[0] = 1
	for i := 1; i < len(d); i += 8 {
		for j, n := 0, rand.Uint64(); j < 8; j++ {
			d[i+j] = byte(n >> (8 * j))
		}
	}
	return d
}

func BenchmarkTokensOf(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *sqlstore.Store, users int) {
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				page, err := s.TokensOf(b.Context(), userID(int(rand.Int64N(int64(users)))), 0, 60)
				if err != nil || page.Total != 10 {
					b.Error(page.Total, err)
					return
				}
			}
		})
	})
}

func BenchmarkCredential(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *sqlstore.Store, users int) {
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := s.Credential(b.Context(), seedDigest(rand.IntN(users*10)), jeton.KindToken); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func BenchmarkDeepPage(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *sqlstore.Store, users int) {
		total := int64(users) * 10
		for name, offset := range map[string]int64{"first": 0, "middle": total/2 + 77, "last": total - 200} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					page, err := s.Tokens(b.Context(), offset, 200)
					if err != nil || len(page.Tokens) != 200 || page.Total != total {
						b.Fatal(len(page.Tokens), page.Total, err)
					}
				}
			})
		}
	})
}

func BenchmarkSeed(b *testing.B) {
	n := benchTokens(b)
	for name, newURL := range engines() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				seeded(b, newURL(b), n)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// BenchmarkAddUses writes one batch of random tokens' uses at a time.
func BenchmarkAddUses(b *testing.B) {
	benchEngines(b, func(b *testing.B, s *sqlstore.Store, users int) {
		at := time.Now().UnixMilli()
		for b.Loop() {
			at++
			uses := make([]jeton.Use, jeton.UseBatch)
			for i := range uses {
				uses[i] = jeton.Use{TokenID: tokenID(rand.IntN(users * 10)), At: at, Address: "192.0.2.1", Count: 1}
			}
			if err := s.AddUses(b.Context(), uses); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*jeton.UseBatch/b.Elapsed().Seconds(), "uses/s")
	})
}
