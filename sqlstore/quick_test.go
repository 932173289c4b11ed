package sqlstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"jeton"
	"jeton/sqlstore"
)

// However many lists are being read, who asks about a secret does not wait for them.
func TestQuickReadsWaitForNoList(t *testing.T) {
	onEngines(t, func(t *testing.T, url string) {
		s, err := sqlstore.Open(t.Context(), sqlstore.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		release, err := s.HoldReaders(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		done := make(chan error, 1)
		go func() {
			ctx := context.Background()
			_, err := s.Credential(ctx, jeton.Digest{1}, jeton.KindToken)
			if !errors.Is(err, jeton.ErrNotFound) {
				done <- err
				return
			}
			_, err = s.User(ctx, "x")
			if !errors.Is(err, jeton.ErrNotFound) {
				done <- err
				return
			}
			_, roles := s.Roles(ctx)
			_, head := s.Head(ctx)
			_, _, events := s.EventsAfter(ctx, -1, 10)
			done <- errors.Join(roles, head, events)
		}()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Error("quick reads wait for the connections of lists")
		}
	})
}
