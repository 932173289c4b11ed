package sqlstore

import (
	"jeton"
)

// prefetch is what the changes of a group read first, read for all of them with
// the head: on a database across a network, a change costs its trips. It holds only
// what is still true: a write drops all of it, but for the adding of a token, which
// it follows.
type prefetch struct {
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

// readings returns the reads of what changes name, which fill p. A change asks
// itself for what they do not find.
func (p *prefetch) readings(changes []*change) (all []reading) {
	*p = prefetch{credentials: map[credentialKey]jeton.Credential{}, owners: map[string]ownerCount{}}
	asked := map[any]bool{}
	for _, ch := range changes {
		key := credentialKey{ch.prefetch.CredentialID, ch.prefetch.Kind}
		if text, ok := credentialByID[key.kind]; ok && key.id != "" && storable(key.id) && !asked[key] {
			asked[key] = true
			all = append(all, reading{stmt(text, key.id), func(r row) error {
				if c, err := scanCredential(r, key.kind); err == nil {
					p.credentials[key] = c
				} // else the change meets the error, and its neighbours do not
				return nil
			}})
		}
		if id := ch.prefetch.OwnerID; id != "" && storable(id) && !asked[id] {
			asked[id] = true
			all = append(all, reading{stmt(ownerTokens, id), func(r row) error {
				p.owners[id] = ownerCount{scanUser(r), r.int(userWidth)}
				return nil
			}})
		}
	}
	return all
}

// added follows the tokens that a change added.
func (p prefetch) added(owners []string) {
	for _, id := range owners {
		if o, ok := p.owners[id]; ok {
			o.tokens++
			p.owners[id] = o
		}
	}
}

// CredentialByID implements jeton.TxReader.
func (t *tx) CredentialByID(id string, kind jeton.Kind) (jeton.Credential, error) {
	if c, ok := t.group.prefetch.credentials[credentialKey{id, kind}]; ok {
		return c, nil
	}
	text, ok := credentialByID[kind]
	if !ok {
		return jeton.Credential{}, jeton.ErrNotFound
	}
	return find(t.ctx(), t, text, id, func(r row) (jeton.Credential, error) { return scanCredential(r, kind) })
}

// OwnerTokens implements jeton.TxReader.
func (t *tx) OwnerTokens(userID string) (u jeton.User, n int64, err error) {
	if o, ok := t.group.prefetch.owners[userID]; ok && len(t.addedFor) == 0 {
		return o.user, o.tokens, nil
	}
	u, err = find(t.ctx(), t, ownerTokens, userID, func(r row) (jeton.User, error) {
		n = r.int(userWidth)
		return scanUser(r), nil
	})
	return u, n, err
}
