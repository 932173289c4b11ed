package cli

import (
	"reflect"
	"testing"

	"jeton"
)

type seeded struct {
	users   []jeton.User
	tokens  []jeton.Token
	secrets []string
}

func makeSeeded(users, tokens int64, key uint64) seeded {
	var out seeded
	d := newSeedData(users, tokens, key, jeton.SecretFormat{})
	for i := range users {
		out.users = append(out.users, d.user(i))
	}
	d.allTokens(func(t jeton.Token, _ jeton.Digest, s jeton.Secret) bool {
		out.tokens = append(out.tokens, t)
		out.secrets = append(out.secrets, s.Reveal())
		return true
	})
	return out
}

func TestSeedDataRepeats(t *testing.T) {
	if !reflect.DeepEqual(makeSeeded(40, 403, 7), makeSeeded(40, 403, 7)) {
		t.Error("the same number gave something else")
	}
	if reflect.DeepEqual(makeSeeded(40, 403, 7), makeSeeded(40, 403, 8)) {
		t.Error("another number gave the same")
	}
}

// Owners have equal numbers of tokens, each place in the order of creation has one token, times
// follow that order, and names are valid.
func TestSeedDataIsPlausible(t *testing.T) {
	const users, tokens = 400, 4003
	s := makeSeeded(users, tokens, 1)
	owned, places := map[string]int{}, map[int64]jeton.Token{}
	kinds := map[string]int{}
	for _, token := range s.tokens {
		owned[token.UserID]++
		places[token.Seq] = token
		switch {
		case !token.Active:
			kinds["disabled"]++
		case token.ExpiresAt != 0:
			kinds["expiring"]++
		}
		if token.Scopes != nil {
			kinds["narrowed"]++
		}
	}
	for id, n := range owned {
		if n != 10 && n != 11 {
			t.Errorf("owner %s has %d tokens", id, n)
		}
	}
	if len(owned) != users || len(s.tokens) != tokens || len(kinds) != 3 {
		t.Errorf("%d owners, %d tokens, %v", len(owned), len(s.tokens), kinds)
	}
	for seq := int64(2); seq <= tokens; seq++ {
		if places[seq].CreateAt < places[seq-1].CreateAt {
			t.Fatalf("token %d was made before the one before it", seq)
		}
	}
	for _, u := range s.users {
		if !jeton.ValidUsername(u.Username) || !jeton.ValidEmail(u.Email) || u.IsBot && u.BotOwnerID == "" {
			t.Errorf("%+v", u)
		}
	}
}
