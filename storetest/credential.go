package storetest

import (
	"errors"
	"fmt"

	"jeton"
)

func testCredential(f *fixture) {
	ann := f.user("ann", func(u *jeton.User) { u.Roles = []string{"system_user", "system_admin"} })
	robot := f.user("robot", bot(ann.ID), func(u *jeton.User) { u.DeleteAt = start })
	token, tokenDigest := f.tokenWith(robot.ID, func(t *jeton.Token) { t.Active = false })
	session, sessionDigest := f.session(ann.ID)

	got, err := f.store.Credential(f.ctx, tokenDigest, jeton.KindToken)
	f.must(err)
	f.is("token", got, jeton.Credential{
		Kind: jeton.KindToken, ID: token.ID, Owner: robot.Owner(), Active: false, ExpiresAt: token.ExpiresAt, CreateAt: token.CreateAt,
	})
	got, err = f.store.Credential(f.ctx, sessionDigest, jeton.KindSession)
	f.must(err)
	f.is("session", got, jeton.Credential{
		Kind: jeton.KindSession, ID: session.ID, Owner: ann.Owner(), Active: true, ExpiresAt: session.ExpiresAt, CreateAt: session.CreateAt,
		LastActivityAt: session.LastActivityAt,
	})
	for digest, kind := range map[jeton.Digest]jeton.Kind{tokenDigest: jeton.KindToken, sessionDigest: jeton.KindSession} {
		want, err := f.store.Credential(f.ctx, digest, kind)
		f.must(err)
		got, err := f.store.Credential(f.ctx, digest, jeton.KindBare)
		f.must(err)
		f.is("whatever the kind", got, want)
	}
	for name, c := range map[string]struct {
		digest jeton.Digest
		kind   jeton.Kind
	}{
		"unknown": {f.digest(), jeton.KindToken}, "unknown, bare": {f.digest(), jeton.KindBare}, "token as session": {tokenDigest, jeton.KindSession},
		"session as token": {sessionDigest, jeton.KindToken}, "no kind": {tokenDigest, jeton.KindNone},
		"nothing": {jeton.Digest{}, jeton.KindToken},
	} {
		_, err := f.store.Credential(f.ctx, c.digest, c.kind)
		f.fails(name, err, jeton.ErrNotFound)
		f.is(name+" is retired", errors.Is(err, jeton.ErrRetired), false)
	}
	f.change(func(tx jeton.Tx) error { return tx.RemoveSession(session.ID) })
	_, err = f.store.Credential(f.ctx, sessionDigest, jeton.KindSession)
	f.fails("an ended session", err, jeton.ErrNotFound)
}

func testCredentialByID(f *fixture) {
	ann := f.user("ann")
	token, digest := f.tokenWith(ann.ID, func(t *jeton.Token) { t.Scopes = jeton.Scopes{} })
	session, _ := f.session(ann.ID)
	want, err := f.store.Credential(f.ctx, digest, jeton.KindToken)
	f.must(err)
	f.change(func(tx jeton.Tx) error {
		got, err := tx.CredentialByID(token.ID, jeton.KindToken)
		f.is("token", got, want)
		if err != nil {
			return err
		}
		s, err := tx.CredentialByID(session.ID, jeton.KindSession)
		f.is("session's owner", s.Owner, ann.Owner())
		return err
	})
	for name, c := range map[string]struct {
		id   string
		kind jeton.Kind
	}{
		"token as session": {token.ID, jeton.KindSession}, "session as token": {session.ID, jeton.KindToken},
		"unknown": {f.id(), jeton.KindToken}, "no kind": {token.ID, jeton.KindNone}, "no text": {"\xff", jeton.KindToken},
	} {
		_, err := f.try(func(tx jeton.Tx) error {
			_, err := tx.CredentialByID(c.id, c.kind)
			return err
		})
		f.fails(name, err, jeton.ErrNotFound)
	}
	_, err = f.try(func(tx jeton.Tx) error {
		if err := tx.RemoveTokens([]string{token.ID}, start); err != nil {
			return fmt.Errorf("remove: %w", err)
		}
		_, err := tx.CredentialByID(token.ID, jeton.KindToken)
		return err
	})
	f.fails("removed in the same change", err, jeton.ErrNotFound)
}
