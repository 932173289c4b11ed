package jeton

import (
	"slices"
	"strings"
)

// ActorLocal is the id of the actor of a command run on the server's own machine.
const ActorLocal = "local"

// Actor is the user or bot that makes the present request.
type Actor struct {
	Owner            // the user or bot that acts
	Kind      Kind   // of the credential used: token or session; KindNone: a local command, or no credential
	ViaID     string // the id of that token or session
	Scopes    Scopes // nil: not narrowed
	ExpiresAt int64  // of the token or session, in Unix milliseconds; 0: never
	Since     int64  // when the token or session was created, in Unix milliseconds
	Address   string // the client's address
	Network   string // the client's network, as rate limits count it
	roles     *RoleTable
}

// Local returns the actor of a command run on the server's own machine. The access
// table allows it everything.
func Local() Actor { return Actor{Owner: Owner{ID: ActorLocal}} }

func (a Actor) isLocal() bool { return a.ID == ActorLocal && a.Kind == KindNone }

// The prefixes of Event.Via. Actor.Via writes them and ViaID reads them.
const (
	viaToken   = "token:"
	viaSession = "session:"
)

// Via returns the credential that the actor used, as Event.Via holds it:
// "token:ID", "session:ID", or empty for none.
func (a Actor) Via() string {
	switch a.Kind {
	case KindToken:
		return viaToken + a.ViaID
	case KindSession:
		return viaSession + a.ViaID
	}
	return ""
}

// ViaID returns the id of the token or session in an Event.Via; empty for none.
func ViaID(via string) string {
	if id, ok := strings.CutPrefix(via, viaToken); ok {
		return id
	}
	return strings.TrimPrefix(via, viaSession)
}

// Narrowed reports whether the actor used a token that is narrowed to a list of
// permissions.
func (a Actor) Narrowed() bool { return a.Scopes != nil }

// Holds reports whether the actor has the permission: one of its roles grants it,
// and the scopes of its token allow it.
func (a Actor) Holds(permission string) bool {
	if a.isLocal() {
		return true
	}
	return a.Scopes.Has(permission) && a.roles != nil && a.roles.Grants(a.Roles, permission)
}

// Permissions returns every permission that the actor holds, sorted: those that its
// roles grant, cut to the scopes of its token.
func (a Actor) Permissions() []string {
	if a.roles == nil {
		return nil
	}
	all := a.roles.Permissions(a.Roles)
	return slices.DeleteFunc(all, func(p string) bool { return !a.Scopes.Has(p) })
}

// holdsAll reports whether the actor can give away all of the permissions: it holds
// each of them, or manage_system.
func (a Actor) holdsAll(permissions []string) bool {
	return a.Holds(PermManageSystem) || !slices.ContainsFunc(permissions, func(p string) bool { return !a.Holds(p) })
}
