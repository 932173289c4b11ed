package jeton

import "time"

// Credential is the token or session of a secret, with its owner, whatever its state.
type Credential struct {
	Kind      Kind
	ID        string // the token's or session's id
	Owner     Owner
	Active    bool  // false: a disabled token
	ExpiresAt int64 // Unix milliseconds; 0: never
	CreateAt  int64
	Scopes    Scopes

	LastActivityAt int64 // of a session, as the store knows it: see ActivityStep; 0: a token
}

// Usable reports whether the credential is good at now, in Unix milliseconds. No other
// code decides that. The client never learns the reason.
func (c Credential) Usable(now int64, tokensEnabled bool) bool {
	switch {
	case !c.Active:
		return false
	case c.Kind == KindToken && !tokensEnabled && !c.Owner.IsBot:
		return false
	case c.ExpiresAt != 0 && now >= c.ExpiresAt:
		return false
	}
	return c.Owner.DeleteAt == 0
}

// Idle reports whether the credential is that of a session that ended at now because it
// was not used for limit (0: none) since it was last used. It is asked where a request
// begins, and not inside a change: the store learns of uses late.
func (c Credential) Idle(now, used int64, limit time.Duration) bool {
	return c.Kind == KindSession && limit > 0 && now-used >= limit.Milliseconds()
}

// Actor returns the actor that uses the credential.
func (c Credential) Actor(roles *RoleTable) Actor {
	return Actor{Owner: c.Owner, Kind: c.Kind, ViaID: c.ID, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt, Since: c.CreateAt, roles: roles}
}
