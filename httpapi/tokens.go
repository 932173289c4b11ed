package httpapi

import (
	"jeton"
	"jeton/web"
)

// newTokenJSON is what a client asks for. Whatever else Mattermost's token has
// (its id, secret, owner and state) is not the client's to choose.
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

// createToken is POST /users/{user_id}/tokens. That the user does not exist is
// said before that the body cannot be read.
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
	t, secret, err := a.service.CreateToken(c.Context(), c.Actor, id, jeton.NewToken(in))
	out := wireToken(t)
	out.Token = secret.Reveal()
	return web.Line(out), err
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

// searchTokens is POST /users/tokens/search. Whoever may not search hears so
// before he hears what is wrong with his body; the service says both.
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
	followed, err := a.service.RevokeToken(c.Context(), c.Actor, id)
	return statusJSON{"OK", followed.Followed, followed.Kept}, err
}

// disableToken is POST /users/tokens/disable.
func (a *api) disableToken(c *web.Call) (any, error) {
	id, err := tokenID(c)
	if err != nil {
		return nil, err
	}
	followed, err := a.service.DisableToken(c.Context(), c.Actor, id)
	return statusJSON{"OK", followed.Followed, followed.Kept}, err
}

// enableToken is POST /users/tokens/enable.
func (a *api) enableToken(c *web.Call) (any, error) {
	id, err := tokenID(c)
	if err != nil {
		return nil, err
	}
	return ok(), a.service.EnableToken(c.Context(), c.Actor, id)
}

// tokenID reads {"token_id": ...}. Better than Mattermost on purpose: without
// one the answer is 400, and no empty id is looked up.
func tokenID(c *web.Call) (string, error) {
	in, err := c.StringMap()
	if err == nil && in["token_id"] == "" {
		err = web.InvalidBody("token_id")
	}
	return in["token_id"], err
}
