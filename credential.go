package jeton

// Credential is the token or session of a secret, with its owner, whatever its state.
type Credential struct {
	Kind      Kind
	ID        string // the token's or session's id
	Owner     Owner
	Active    bool  // false: a disabled token
	ExpiresAt int64 // Unix milliseconds; 0: never
	CreateAt  int64
	Scopes    Scopes
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

// Actor returns the actor that uses the credential.
func (c Credential) Actor(roles *RoleTable) Actor {
	return Actor{Owner: c.Owner, Kind: c.Kind, ViaID: c.ID, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt, Since: c.CreateAt, roles: roles}
}
