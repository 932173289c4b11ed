package jeton

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// maxSearchResults bounds the answer of a search. Only whole ids and names match.
const maxSearchResults = 10_000

// RequireUser fails with CodeUserNotFound when the user does not exist.
func (s *Service) RequireUser(ctx context.Context, id string) error {
	_, err := s.directory.User(ctx, id)
	return storeError(err, CodeUserNotFound, CodeUserGetFailed)
}

// CreateToken creates a token of the user and returns it with its secret, which is
// shown this one time.
func (s *Service) CreateToken(ctx context.Context, a Actor, userID string, n NewToken) (CreatedToken, Receipt, error) {
	var t Token
	var secret Secret
	receipt, err := s.changeOf(ctx, a, TokenCreate, userID, func(tx Tx, a Actor) (Event, error) {
		owner, count, err := tx.OwnerTokens(userID)
		if err != nil {
			return Event{}, storeError(err, CodeUserNotFound, CodeUserGetFailed)
		}
		now := s.now()
		n, err := s.mayCreate(a, owner, n, now)
		if err == nil {
			err = s.underLimit(tx, userID, count, now)
		}
		if err != nil {
			return Event{}, err
		}
		note, err := s.dropExpired(tx, userID, count, now)
		if err != nil {
			return Event{}, aim(err, "", userID)
		}
		t = Token{
			ID: NewID(s.clock(), s.random), UserID: userID, Description: n.Description, Active: true,
			CreateAt: now, ExpiresAt: n.ExpiresAt, Scopes: n.Scopes, CreatedBy: a.ID,
		}
		if a.Kind == KindToken {
			t.CreatedVia = a.ViaID
		}
		var d Digest
		secret, d, t.Hint = s.settings.Secrets.NewToken(s.random)
		return Event{Target: t.ID, Detail: Detail{Owner: userID, Note: note, Changes: tokenChanges(Token{}, t)}}, tx.AddToken(t, d)
	})
	if err != nil {
		return CreatedToken{}, Receipt{}, storeError(err, "", CodeTokenSaveFailed)
	}
	return CreatedToken{Token: t, Secret: secret}, receipt, nil
}

// mayCreate checks a new token in Mattermost's order, and returns it with the end and
// scopes that it gets.
func (s *Service) mayCreate(a Actor, owner User, n NewToken, now int64) (NewToken, error) {
	if n.Description == "" {
		return n, failParam(CodeInvalidBody, "description")
	}
	if err := a.permitOn(TokenCreate, owner.Owner()); err != nil {
		return n, err
	}
	if !s.settings.TokensEnabled && !owner.IsBot {
		return n, fail(CodeTokensDisabled)
	}
	if err := n.validate(now); err != nil {
		return n, err
	}
	n.Scopes = n.Scopes.Normalize()
	if a.Kind != KindToken {
		return n, nil
	}
	return a.passOn(n)
}

// passOn bounds a token that the actor's token creates: its scopes are a subset, and
// its end is no later.
func (a Actor) passOn(n NewToken) (NewToken, error) {
	if n.Scopes == nil {
		n.Scopes = a.Scopes
	}
	if !a.Scopes.Covers(n.Scopes) {
		return n, fail(CodeForbidden)
	}
	if a.ExpiresAt == 0 {
		return n, nil
	}
	if n.ExpiresAt == 0 {
		n.ExpiresAt = a.ExpiresAt
	}
	if n.ExpiresAt > a.ExpiresAt {
		return n, fail(CodeTokenExpiresTooLate)
	}
	return n, nil
}

// mayEnable bounds a token that the actor's token enables, as passOn bounds one that it
// creates: its end is no later and, if both have one owner, its scopes are a subset. For
// another owner's token the access table asks for all that the owner holds.
func (a Actor) mayEnable(t Token) error {
	switch {
	case a.Kind != KindToken:
		return nil
	case t.UserID == a.ID && !a.Scopes.Covers(t.Scopes):
		return fail(CodeForbidden)
	case a.ExpiresAt != 0 && (t.ExpiresAt == 0 || t.ExpiresAt > a.ExpiresAt):
		return fail(CodeTokenExpiresTooLate)
	}
	return nil
}

// TokensOf returns a page of one owner's tokens. A user that does not exist has none.
func (s *Service) TokensOf(ctx context.Context, a Actor, userID string, p Page) (TokenPage, error) {
	if err := s.permitAimed(a, TokenRead, "", userID); err != nil {
		return TokenPage{}, err
	}
	if err := s.mayReadTokensOf(ctx, a, userID, ""); err != nil {
		return TokenPage{}, err
	}
	page, err := list(ctx, s, a, func() (TokenPage, error) { return s.store.TokensOf(ctx, userID, p.Offset(), p.Size) })
	return page, storeError(err, "", CodeTokenGetFailed)
}

// Tokens returns a page of all tokens.
func (s *Service) Tokens(ctx context.Context, a Actor, p Page) (TokenPage, error) {
	if err := s.permit(a, TokenListAll); err != nil {
		return TokenPage{}, err
	}
	page, err := list(ctx, s, a, func() (TokenPage, error) { return s.store.Tokens(ctx, p.Offset(), p.Size) })
	return page, storeError(err, "", CodeTokenListFailed)
}

// Token returns one token.
func (s *Service) Token(ctx context.Context, a Actor, id string) (Token, error) {
	if err := s.permitAimed(a, TokenRead, id, ""); err != nil {
		return Token{}, err
	}
	t, err := s.store.Token(ctx, id)
	if err != nil {
		return Token{}, storeError(err, CodeTokenNotFound, CodeTokenGetFailed)
	}
	if err := s.mayReadTokensOf(ctx, a, t.UserID, id); err != nil {
		return Token{}, err
	}
	return t, nil
}

// mayReadTokensOf checks the access to an owner's tokens; tokenID is empty for all of
// them. An actor that may read everyone's costs no look-up of the owner.
func (s *Service) mayReadTokensOf(ctx context.Context, a Actor, userID, tokenID string) error {
	if a.permitOnEvery(TokenRead) {
		return nil
	}
	owner, err := s.owner(ctx, a, userID, CodeTokenGetFailed)
	if err != nil {
		return err
	}
	return s.counted(a, TokenRead, aim(a.permitOn(TokenRead, owner), tokenID, ""))
}

// TokenUses returns when, from where and how often a token was used. It needs what
// reading the token needs. Uses are written in batches, so the newest can be missing.
func (s *Service) TokenUses(ctx context.Context, a Actor, id string) (TokenUses, error) {
	if _, err := s.Token(ctx, a, id); err != nil {
		return TokenUses{}, err
	}
	uses, err := s.store.TokenUses(ctx, id)
	return uses, storeError(err, CodeTokenNotFound, CodeTokenGetFailed)
}

// SearchTokens returns the tokens whose id, whose owner's id or whose owner's
// username is exactly the term, in any case.
func (s *Service) SearchTokens(ctx context.Context, a Actor, term string) ([]Token, error) {
	if err := s.permit(a, TokenSearch); err != nil {
		return nil, err
	}
	if term == "" {
		return nil, failParam(CodeInvalidBody, "term")
	}
	if err := checkTerm(term); err != nil {
		return nil, err
	}
	if !validText(term) {
		return []Token{}, nil
	}
	tokens, err := search(ctx, s, a, func() ([]Token, error) { return s.store.SearchTokens(ctx, strings.ToLower(term), maxSearchResults) })
	return tokens, storeError(err, "", CodeTokenSearchFailed)
}

// RevokeToken removes a token, and the tokens of the same owner that were created
// with it.
func (s *Service) RevokeToken(ctx context.Context, a Actor, id string) (Cascade, Receipt, error) {
	c, receipt, err := s.endToken(ctx, a, id, TokenRevoke, func(tx Tx, t Token, all []string) ([]FieldChange, error) {
		return tokenChanges(t, Token{}), tx.RemoveTokens(all, s.now())
	})
	return c, receipt, storeError(err, "", CodeTokenRevokeFailed)
}

// DisableToken makes a token unusable until it is enabled, and with it the tokens of
// the same owner that were created with it.
func (s *Service) DisableToken(ctx context.Context, a Actor, id string) (Cascade, Receipt, error) {
	c, receipt, err := s.endToken(ctx, a, id, TokenDisable, func(tx Tx, t Token, all []string) ([]FieldChange, error) {
		if !t.Active && len(all) == 1 {
			return nil, ErrUnchanged
		}
		disabled := t
		disabled.Active = false
		return tokenChanges(t, disabled), tx.SetTokensActive(all, false)
	})
	return c, receipt, storeError(err, "", CodeTokenDisableFailed)
}

// endToken is the common part of revoking and disabling. It calls end with the token,
// and with the ids of all tokens that end: first the token's own.
func (s *Service) endToken(ctx context.Context, a Actor, id string, action Action, end func(tx Tx, t Token, all []string) ([]FieldChange, error)) (Cascade, Receipt, error) {
	var c Cascade
	receipt, err := s.change(ctx, a, action, func(tx Tx, a Actor) (Event, error) {
		t, err := permittedToken(tx, a, action, id)
		if err != nil {
			return Event{}, err
		}
		followers, others, err := tx.TokensMadeBy(id, t.UserID)
		if err != nil {
			return Event{}, err
		}
		c = Cascade{Followed: len(followers), Kept: others}
		changes, err := end(tx, t, append([]string{id}, followers...))
		e := Event{Target: id, Detail: Detail{Owner: t.UserID, Note: withMade(followers), Changes: append(changes, made(followers)...)}}
		return e, err
	})
	if err != nil {
		return Cascade{}, Receipt{}, err
	}
	return c, receipt, nil
}

// withMade is the note in the journal, and made the change, for the tokens that end with
// the token that made them.
func withMade(followers []string) string {
	if len(followers) == 0 {
		return ""
	}
	return fmt.Sprintf("with %d tokens that it made", len(followers))
}

func made(followers []string) []FieldChange { return changedList("tokens_made", followers, nil) }

// EnableToken makes a disabled token usable again.
func (s *Service) EnableToken(ctx context.Context, a Actor, id string) (Receipt, error) {
	receipt, err := s.change(ctx, a, TokenEnable, func(tx Tx, a Actor) (Event, error) {
		t, err := permittedToken(tx, a, TokenEnable, id)
		if err != nil {
			return Event{}, err
		}
		if err := a.mayEnable(t); err != nil {
			return Event{}, aim(err, id, t.UserID)
		}
		if t.Active {
			return Event{}, ErrUnchanged
		}
		enabled := t
		enabled.Active = true
		return Event{Target: id, Detail: Detail{Owner: t.UserID, Changes: tokenChanges(t, enabled)}}, tx.SetTokensActive([]string{id}, true)
	})
	return receipt, storeError(err, "", CodeTokenEnableFailed)
}

// permittedToken reads a token inside a change and asks the access table about its
// owner. It checks first that an id is given.
func permittedToken(tx Tx, a Actor, action Action, id string) (Token, error) {
	if id == "" {
		return Token{}, failParam(CodeInvalidBody, "token_id")
	}
	if err := a.permit(action); err != nil {
		return Token{}, aim(err, id, "")
	}
	t, err := tx.Token(id)
	if err != nil {
		return t, storeError(err, CodeTokenNotFound, CodeTokenGetFailed)
	}
	owner, err := tx.User(t.UserID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return t, err
	}
	owner.ID = t.UserID
	return t, aim(a.permitOn(action, owner.Owner()), id, "")
}
