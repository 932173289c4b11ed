package cli

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"jeton"
)

// seedData makes up the users and tokens of "admin seed". The same key gives the same
// data, byte for byte, including the secrets.
//
// The random numbers come from ChaCha8 with a public key, so these secrets protect
// nothing: they are for trials and measurements. The secrets of real tokens come from
// crypto/rand; see jeton.SecretFormat.
//
// Times are fixed too: everything is created in the year before seedEnd. Tokens expire
// long after it, if at all: a server removes those that have expired.
type seedData struct {
	users, tokens int64
	random        *rand.Rand
	bytes         io.Reader // what random draws from
	format        jeton.SecretFormat
	userIDs       []string
}

var (
	seedEnd   = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	seedStart = seedEnd.AddDate(-1, 0, 0)
)

func newSeedData(users, tokens int64, key uint64, format jeton.SecretFormat) *seedData {
	var k [32]byte
	binary.LittleEndian.PutUint64(k[:], key)
	source := rand.NewChaCha8(k)
	return &seedData{
		users: users, tokens: tokens, format: format,
		random: rand.New(source), bytes: source, //nolint:gosec // repeatable on purpose: see above
		userIDs: make([]string, 0, users),
	}
}

// at returns the time of the i-th of n, spread evenly from begin to seedEnd.
func at(i, n int64, begin time.Time) time.Time {
	return begin.Add(time.Duration(float64(seedEnd.Sub(begin)) * float64(i) / float64(n)))
}

// user makes the i-th user; calls must be in order. One in twenty is a bot of an earlier
// person. The users cannot log in: a password hash would take 20 ms for each.
func (s *seedData) user(i int64) jeton.User {
	created := at(i, s.users, seedStart)
	first, last := pick(s.random, seedFirstNames), pick(s.random, seedLastNames)
	u := jeton.User{
		ID: jeton.NewID(created, s.bytes), Roles: []string{jeton.RoleSystemUser}, Locale: "en",
		CreateAt: created.UnixMilli(), UpdateAt: created.UnixMilli(),
	}
	if i%20 == 19 {
		u.Username = fmt.Sprintf("%s-bot-%d", pick(s.random, seedSystems), i)
		u.Email = u.Username + "@localhost"
		u.FirstName = u.Username
		u.IsBot, u.BotOwnerID = true, s.userIDs[i-1-s.random.Int64N(min(i, 19))]
		u.BotDescription = "Made by " + first + " " + last
	} else {
		u.Username = strings.ToLower(fmt.Sprintf("%s.%s%d", first, last, i))
		u.Email = u.Username + "@example.org"
		u.FirstName, u.LastName = first, last
		u.Position = pick(s.random, seedPositions)
		u.Roles = append(u.Roles, "system_user_access_token")
	}
	if s.random.IntN(50) == 0 {
		u.DeleteAt = at(i, s.users, seedStart.AddDate(0, 6, 0)).UnixMilli()
		u.UpdateAt = u.DeleteAt
	}
	s.userIDs = append(s.userIDs, u.ID)
	return u
}

// allTokens gives each token with its digest and secret in the order of creation (Seq,
// from 1). The owners take turns: each has as many tokens as the next one, give or take
// one, and they lie as far apart as they would in use. Call it after all users.
func (s *seedData) allTokens(yield func(jeton.Token, jeton.Digest, jeton.Secret) bool) {
	slices.Sort(s.userIDs)
	for seq := int64(1); seq <= s.tokens; seq++ {
		if !yield(s.token(s.userIDs[(seq-1)%s.users], seq)) {
			return
		}
	}
}

func (s *seedData) token(owner string, seq int64) (jeton.Token, jeton.Digest, jeton.Secret) {
	created := at(seq-1, s.tokens, seedStart.AddDate(0, 6, 0))
	secret, digest, tail := s.format.NewToken(s.bytes)
	t := jeton.Token{
		ID: jeton.NewID(created, s.bytes), Seq: seq, UserID: owner, CreatedBy: owner, Active: true, Hint: tail,
		CreateAt: created.UnixMilli(), Description: pick(s.random, seedUses) + " " + pick(s.random, seedSystems),
	}
	switch n := s.random.IntN(100); {
	case n < 5:
		t.Active = false
	case n < 20:
		t.ExpiresAt = created.AddDate(20, 0, 0).UnixMilli()
	}
	if s.random.IntN(10) == 0 {
		t.Scopes = jeton.Scopes{pick(s.random, seedScopes), jeton.PermViewMembers}.Normalize()
	}
	return t, digest, secret
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

var (
	seedFirstNames = strings.Fields(`Ada Alan Amina Anders Barbara Chen Claire Daniel Edsger Elena Emre Fatima Grace Hana
		Ines Ivan Jin Joan Katherine Leila Linus Lucas Margaret Mateo Mei Niklaus Olga Omar Priya Radia Ravi Sofia Tove Yuki Zoe`)
	seedLastNames = strings.Fields(`Adeyemi Almeida Bauer Costa Dubois Eriksen Fischer Garcia Haddad Ivanova Jansen Kim
		Kowalski Lamarr Larsen Lovelace Mori Nguyen Novak Okafor Patel Perlman Rossi Sato Schmidt Silva Tanaka Wirth Yilmaz Zhou`)
	seedPositions = []string{"Developer", "Operations", "Analyst", "Support", "Tester", "Research", "Release manager", ""}
	seedUses      = []string{"deploy to", "read from", "nightly run of", "backup of", "laptop:", "metrics of", "import into", "test of"}
	seedSystems   = strings.Fields(`billing build catalog chat crm data-lake docs gateway inventory ledger mail monitoring
		orders payroll search shop staging status tickets warehouse wiki`)
	seedScopes = []string{"deploy:write", "deploy:read", "metrics:read", "orders:read", "orders:write", jeton.PermReadToken}
)
