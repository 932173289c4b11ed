package httpapi

import (
	"jeton"
	"jeton/web"
)

// newTokenJSON is the request for a new token. The other fields of Mattermost's token
// (id, secret, owner and state) are not read: the server chooses them.
type newTokenJSON struct {
	Description string       `json:"description"`
	ExpiresAt   int64        `json:"expires_at"`
	Scopes      jeton.Scopes `json:"scopes"` // absent or null: not narrowed
}

// listTokens is GET /users/tokens.
func (a *api) listTokens(c *web.Call) (any, error) {
	p := page(c)
	found, err := a.service.Tokens(c.Context(), c.Actor, p)
	if err != nil {
		return nil, err
	}
	return a.tokens(c, p, found), nil
}

// listTokensOf is GET /users/{user_id}/tokens.
func (a *api) listTokensOf(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	p := page(c)
	found, err := a.service.TokensOf(c.Context(), c.Actor, id, p)
	if err != nil {
		return nil, err
	}
	return a.tokens(c, p, found), nil
}

func (a *api) tokens(c *web.Call, p jeton.Page, found jeton.TokenPage) tokenList {
	a.listHeaders(c, p, len(found.Tokens), found.Total)
	return found.Tokens
}

// createToken is POST /users/{user_id}/tokens. As in Mattermost, an unknown user is
// reported before a malformed body.
func (a *api) createToken(c *web.Call) (any, error) {
	id, err := userID(c)
	if err != nil {
		return nil, err
	}
	var in newTokenJSON
	if bad := c.Decode(&in, "user_access_token"); bad != nil {
		if err := a.service.RequireUser(c.Context(), id); err != nil {
			return nil, err
		}
		return nil, bad
	}
	created, receipt, err := a.service.CreateToken(c.Context(), c.Actor, id, jeton.NewToken(in))
	if err != nil {
		return nil, err
	}
	c.Changed(receipt)
	out := wireToken(created.Token)
	out.Token = c.Reveal(created.Secret)
	return web.Line(out), nil
}

// getToken is GET /users/tokens/{token_id}.
func (a *api) getToken(c *web.Call) (any, error) {
	id, err := pathID(c, "token_id")
	if err != nil {
		return nil, err
	}
	t, err := a.service.Token(c.Context(), c.Actor, id)
	return web.Line(wireToken(t)), err
}

// getTokenUses is GET /users/tokens/{token_id}/uses.
func (a *api) getTokenUses(c *web.Call) (any, error) {
	id, err := pathID(c, "token_id")
	if err != nil {
		return nil, err
	}
	uses, err := a.service.TokenUses(c.Context(), c.Actor, id)
	return web.Line(wireTokenUses(uses)), err
}

// searchTokens is POST /users/tokens/search. As in Mattermost, a missing permission is
// reported before a malformed body; the service checks the permission.
func (a *api) searchTokens(c *web.Call) (any, error) {
	var in struct {
		Term string `json:"term"`
	}
	bad := c.Decode(&in, "user_access_token_search")
	if bad != nil {
		in.Term = ""
	}
	found, err := a.service.SearchTokens(c.Context(), c.Actor, in.Term)
	if bad != nil && jeton.CodeOf(err) == jeton.CodeInvalidBody {
		err = bad
	}
	return tokenList(found), err
}

// revokeToken is POST /users/tokens/revoke.
func (a *api) revokeToken(c *web.Call) (any, error) {
	id, err := tokenID(c)
	if err != nil {
		return nil, err
	}
	followed, receipt, err := a.service.RevokeToken(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return statusJSON{"OK", followed.Followed, followed.Kept}, err
}

// disableToken is POST /users/tokens/disable.
func (a *api) disableToken(c *web.Call) (any, error) {
	id, err := tokenID(c)
	if err != nil {
		return nil, err
	}
	followed, receipt, err := a.service.DisableToken(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return statusJSON{"OK", followed.Followed, followed.Kept}, err
}

// enableToken is POST /users/tokens/enable.
func (a *api) enableToken(c *web.Call) (any, error) {
	id, err := tokenID(c)
	if err != nil {
		return nil, err
	}
	receipt, err := a.service.EnableToken(c.Context(), c.Actor, id)
	c.Changed(receipt)
	return ok(), err
}

// tokenID reads {"token_id": ...}. Unlike Mattermost, which looks up the empty id, it
// answers 400 when there is none.
func tokenID(c *web.Call) (string, error) {
	in, err := c.StringMap()
	if err == nil && in["token_id"] == "" {
		err = web.InvalidBody("token_id")
	}
	return in["token_id"], err
}
