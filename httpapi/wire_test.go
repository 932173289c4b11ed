package httpapi_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"jeton"
	"jeton/httpapi"
)

// awkward draws text with pieces that JSON escapes, and other text.
var awkward = rapid.OneOf(
	rapid.String(),
	rapid.StringOf(rapid.SampledFrom([]rune("<>&\"\\/\b\f\n\r\t\x00\x1f\x7f\u2028\u2029\ufffdé✓😀ab"))),
	rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) }),
)

// The encoder writes the same bytes as encoding/json.
func TestAppendString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := awkward.Draw(t, "s")
		want, _ := json.Marshal(s)
		if got := httpapi.AppendString(nil, s); string(got) != string(want) {
			t.Fatalf("%q: %s, want %s", s, got, want)
		}
	})
}

func TestTokenList(t *testing.T) {
	scopes := rapid.OneOf(rapid.Just(jeton.Scopes(nil)), rapid.Just(jeton.Scopes{}),
		rapid.Map(rapid.SliceOf(awkward), func(s []string) jeton.Scopes { return s }))
	drawn := rapid.Custom(func(t *rapid.T) jeton.Token {
		return jeton.Token{
			ID: awkward.Draw(t, "id"), UserID: awkward.Draw(t, "user"), Description: awkward.Draw(t, "description"),
			Active: rapid.Bool().Draw(t, "active"), CreateAt: rapid.Int64().Draw(t, "create"),
			ExpiresAt: rapid.Int64().Draw(t, "expires"), LastUsedAt: rapid.Int64().Draw(t, "used"),
			Scopes: scopes.Draw(t, "scopes"), CreatedBy: awkward.Draw(t, "maker"), Hint: awkward.Draw(t, "hint"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(drawn).Draw(t, "list")
		wires := []any{}
		for _, tok := range list {
			wires = append(wires, httpapi.WireToken(tok))
		}
		want, _ := json.Marshal(wires)
		if got := httpapi.TokenList(list).AppendJSON(nil); string(got) != string(want) {
			t.Fatalf("%s\nwant %s", got, want)
		}
	})
}

func BenchmarkTokenList(b *testing.B) {
	list := make(httpapi.TokenList, 60)
	for i := range list {
		list[i] = jeton.Token{ID: "abcdefghijklmnopqrstuvwxyz", UserID: "abcdefghijklmnopqrstuvwxyz", Description: "deploys & releases"}
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = list.AppendJSON(buf[:0])
	}
}
