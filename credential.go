package jeton

// Credential is what a secret stands for, as stored, whatever its state.
type Credential struct {
	Kind      Kind
	ID        string // the token's or session's id
	Owner     Owner
	Active    bool  // a token may be disabled
	ExpiresAt int64 // 0: never
	CreateAt  int64
	Scopes    Scopes
}

// Usable reports whether the credential opens anything at now (Unix
// milliseconds). This is the one place that says so; nobody tells the client
// which of the reasons it was.
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

// Actor returns who acts with the credential.
func (c Credential) Actor(roles *RoleTable) Actor {
	return Actor{Owner: c.Owner, Kind: c.Kind, ViaID: c.ID, Scopes: c.Scopes, ExpiresAt: c.ExpiresAt, Since: c.CreateAt, roles: roles}
}
