package verify_test

import (
	"testing"

	"jeton"
	"jeton/apitest"
	"jeton/web"
)

// The answer to a revocation has the position of its event in the journal, also if the token
// was revoked before, so that the answer does not reveal that.
func TestRevocationHasAPosition(t *testing.T) {
	apitest.Engines(t, func(t *testing.T, database string) {
		s, _, tok := deployer(t, apitest.Options{Database: database})
		newest := func() string {
			head, err := s.Store.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return jeton.Receipt(head).String()
		}
		before := newest()
		for _, when := range []string{"the first time", "again"} {
			a := form(t, s, "/oauth2/revoke", "", "token="+tok.Secret)
			if got := a.Header.Get(web.PositionHeader); a.Status != 200 || got != newest() || got == before {
				t.Errorf("%s: %d, position %q; the journal went from %q to %q", when, a.Status, got, before, newest())
			}
		}
		for what, a := range map[string]apitest.Answer{
			"no secret of ours": form(t, s, "/oauth2/revoke", "", "token=jtn_x"),
			"a mistake":         form(t, s, "/oauth2/revoke", "", "x=y"),
		} {
			if got := a.Header.Get(web.PositionHeader); got != "" {
				t.Errorf("%s: position %q", what, got)
			}
		}
	})
}
