package sqlstore

import (
	"context"

	"jeton"
)

// ahead is what the changes of a group ask first, read for all of them in one
// trip: on a database across a network, a change costs its trips. It holds only
// what is still so: a write drops all of it, but for the adding of a token,
// which it follows.
type ahead struct {
	credentials map[credentialKey]jeton.Credential
	owners      map[string]ownerCount
}

type credentialKey struct {
	id   string
	kind jeton.Kind
}

type ownerCount struct {
	user   jeton.User
	tokens int64
}

// lookAhead reads what the changes said that they will ask. What it does not
// find they ask again themselves.
func (g *group) lookAhead(changes []*change) {
	a := ahead{credentials: map[credentialKey]jeton.Credential{}, owners: map[string]ownerCount{}}
	var all []reading
	asked := map[any]bool{}
	for _, ch := range changes {
		for _, want := range ch.ahead {
			key := credentialKey{want.Credential, want.Kind}
			if text, ok := credentialByID[want.Kind]; ok && findable(key.id) && !asked[key] {
				asked[key] = true
				all = append(all, reading{text, []any{key.id}, func(r row) (err error) {
					a.credentials[key], err = scanCredential(r, key.kind)
					return err
				}})
			}
			if id := want.Owner; id != "" && findable(id) && !asked[id] {
				asked[id] = true
				all = append(all, reading{ownerTokens, []any{id}, func(r row) (err error) {
					var o ownerCount
					o.user, err = scanUser(r, &o.tokens)
					a.owners[id] = o
					return err
				}})
			}
		}
	}
	if len(all) == 0 {
		return
	}
	switch err := g.w.ahead(g.ctx, all); {
	case err == nil:
		g.ahead = a
	case g.unsettled:
		g.broken = true
	default:
		g.lost = err
	}
}

// added follows the tokens that a change added.
func (a ahead) added(owners []string) {
	for _, id := range owners {
		if o, ok := a.owners[id]; ok {
			o.tokens++
			a.owners[id] = o
		}
	}
}

// CredentialByID implements jeton.Tx.
func (t *tx) CredentialByID(ctx context.Context, id string, kind jeton.Kind) (jeton.Credential, error) {
	if c, ok := t.group.ahead.credentials[credentialKey{id, kind}]; ok {
		return c, nil
	}
	text, ok := credentialByID[kind]
	if !ok || !findable(id) {
		return jeton.Credential{}, jeton.ErrNotFound
	}
	return credential(ctx, t.src, kind, text, id)
}

// OwnerTokens implements jeton.Tx.
func (t *tx) OwnerTokens(ctx context.Context, userID string) (u jeton.User, n int64, err error) {
	if o, ok := t.group.ahead.owners[userID]; ok && len(t.addedFor) == 0 {
		return o.user, o.tokens, nil
	}
	u, err = findOne(ctx, t.src, ownerTokens, userID, func(r row) (jeton.User, error) { return scanUser(r, &n) })
	return u, n, err
}
