package jeton

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// maxSearchResults bounds a search, which matches whole ids and names only.
const maxSearchResults = 10_000

// RequireUser fails with CodeUserNotFound where there is no such user.
func (s *Service) RequireUser(ctx context.Context, id string) error {
	_, err := s.directory.Owner(ctx, id)
	return storeError(err, CodeUserNotFound, CodeUserGetFailed)
}

// CreateToken makes a token of userID and returns it with its secret, which is
// shown this once.
func (s *Service) CreateToken(ctx context.Context, a Actor, userID string, n NewToken) (Token, Secret, error) {
	var t Token
	var secret Secret
	err := s.changeOf(ctx, a, TokenCreate, userID, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		owner, count, err := tx.OwnerTokens(ctx, userID)
		if err != nil {
			return Event{}, storeError(err, CodeUserNotFound, CodeUserGetFailed)
		}
		now := s.now()
		n, err := s.mayCreate(a, owner, count, n, now)
		if err != nil {
			return Event{}, err
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
		return Event{Target: t.ID, Detail: Detail{Owner: userID}}, tx.AddToken(ctx, t, d)
	})
	if err != nil {
		return Token{}, Secret{}, storeError(err, "", CodeTokenSaveFailed)
	}
	return t, secret, nil
}

// mayCreate judges a new token in the order of Mattermost's checks, and returns
// it as its maker may have it.
func (s *Service) mayCreate(a Actor, owner User, count int64, n NewToken, now int64) (NewToken, error) {
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
	if count >= int64(s.settings.MaxTokensPerOwner) {
		return n, failParam(CodeTokenLimit, strconv.Itoa(s.settings.MaxTokensPerOwner))
	}
	n.Scopes = n.Scopes.Normalize()
	if a.Kind != KindToken {
		return n, nil
	}
	return a.passOn(n)
}

// passOn cuts what a token makes to what it has itself: a subset of its scopes,
// and no later end.
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

// TokensOf returns a page of one owner's tokens. A user who does not exist has none.
func (s *Service) TokensOf(ctx context.Context, a Actor, userID string, p Page) (TokenPage, error) {
	if err := s.permit(a, TokenRead); err != nil {
		return TokenPage{}, err
	}
	owner, err := s.owner(ctx, a, userID, CodeTokenListFailed)
	if err != nil {
		return TokenPage{}, err
	}
	if err := s.permitOn(a, TokenRead, owner); err != nil {
		return TokenPage{}, err
	}
	page, err := s.store.TokensOf(ctx, userID, p.Offset(), p.Size)
	return page, storeError(err, "", CodeTokenGetFailed)
}

// Tokens returns a page of all tokens.
func (s *Service) Tokens(ctx context.Context, a Actor, p Page) (TokenPage, error) {
	if err := s.permit(a, TokenListAll); err != nil {
		return TokenPage{}, err
	}
	page, err := s.store.Tokens(ctx, p.Offset(), p.Size)
	return page, storeError(err, "", CodeTokenListFailed)
}

// Token returns one token.
func (s *Service) Token(ctx context.Context, a Actor, id string) (Token, error) {
	if err := s.permit(a, TokenRead); err != nil {
		return Token{}, err
	}
	t, err := s.store.Token(ctx, id)
	if err != nil {
		return Token{}, storeError(err, CodeTokenNotFound, CodeTokenGetFailed)
	}
	owner, err := s.owner(ctx, a, t.UserID, CodeTokenGetFailed)
	if err != nil {
		return Token{}, err
	}
	if err := s.permitOn(a, TokenRead, owner); err != nil {
		return Token{}, err
	}
	return t, nil
}

// TokenUses returns when, from where and how often a token was used, to whoever
// may read the token. It may lag by as long as uses are gathered.
func (s *Service) TokenUses(ctx context.Context, a Actor, id string) (TokenUses, error) {
	if _, err := s.Token(ctx, a, id); err != nil {
		return TokenUses{}, err
	}
	uses, err := s.store.TokenUses(ctx, id)
	return uses, storeError(err, CodeTokenNotFound, CodeTokenGetFailed)
}

// SearchTokens returns the tokens whose id, whose owner's id or whose owner's
// username is exactly the term.
func (s *Service) SearchTokens(ctx context.Context, a Actor, term string) ([]Token, error) {
	if err := s.permit(a, TokenSearch); err != nil {
		return nil, err
	}
	if term == "" {
		return nil, failParam(CodeInvalidBody, "term")
	}
	if !validText(term) {
		return []Token{}, nil
	}
	tokens, err := s.store.SearchTokens(ctx, term, maxSearchResults)
	return tokens, storeError(err, "", CodeTokenSearchFailed)
}

// RevokeToken removes a token, and with it those of the same owner that it made.
func (s *Service) RevokeToken(ctx context.Context, a Actor, id string) (Cascade, error) {
	return s.endToken(ctx, a, id, TokenRevoke, CodeTokenRevokeFailed, func(ctx context.Context, tx Tx, _ Token, all []string) (bool, error) {
		return true, tx.RemoveTokens(ctx, all, s.now())
	})
}

// DisableToken makes a token unusable until it is enabled, and with it those of
// the same owner that it made.
func (s *Service) DisableToken(ctx context.Context, a Actor, id string) (Cascade, error) {
	return s.endToken(ctx, a, id, TokenDisable, CodeTokenDisableFailed, func(ctx context.Context, tx Tx, t Token, all []string) (bool, error) {
		if !t.Active && len(all) == 1 {
			return false, nil
		}
		return true, tx.SetTokensActive(ctx, all, false)
	})
}

// endToken is what revoking and disabling share: the token, those that follow
// it, and the count of those that stay. end reports whether there was anything to do.
func (s *Service) endToken(ctx context.Context, a Actor, id string, action Action, failed Code,
	end func(ctx context.Context, tx Tx, t Token, all []string) (bool, error),
) (Cascade, error) {
	var c Cascade
	err := s.change(ctx, a, action, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		t, err := reachToken(ctx, tx, a, action, id)
		if err != nil {
			return Event{}, err
		}
		followers, others, err := tx.TokensMadeBy(ctx, id, t.UserID)
		if err != nil {
			return Event{}, err
		}
		c = Cascade{Followed: len(followers), Kept: others}
		changed, err := end(ctx, tx, t, append([]string{id}, followers...))
		if err != nil || !changed {
			return Event{}, err
		}
		e := Event{Target: id, Detail: Detail{Owner: t.UserID}}
		if len(followers) > 0 {
			e.Detail.Note = fmt.Sprintf("with %d tokens that it made", len(followers))
		}
		return e, nil
	})
	if err != nil {
		return Cascade{}, storeError(err, "", failed)
	}
	return c, nil
}

// EnableToken makes a disabled token usable again.
func (s *Service) EnableToken(ctx context.Context, a Actor, id string) error {
	err := s.change(ctx, a, TokenEnable, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		t, err := reachToken(ctx, tx, a, TokenEnable, id)
		if err != nil {
			return Event{}, err
		}
		if a.Kind == KindToken && t.UserID == a.ID && !a.Scopes.Covers(t.Scopes) {
			return Event{}, fail(CodeForbidden) // it would wake more than it has
		}
		if t.Active {
			return Event{}, nil
		}
		return Event{Target: id, Detail: Detail{Owner: t.UserID}}, tx.SetTokensActive(ctx, []string{id}, true)
	})
	return storeError(err, "", CodeTokenEnableFailed)
}

// reachToken reads a token inside a change and asks the access table about its
// owner. A missing id is told as such, before anything is asked.
func reachToken(ctx context.Context, tx Tx, a Actor, action Action, id string) (Token, error) {
	if id == "" {
		return Token{}, failParam(CodeInvalidBody, "token_id")
	}
	if err := a.permit(action); err != nil {
		return Token{}, err
	}
	t, err := tx.Token(ctx, id)
	if err != nil {
		return t, storeError(err, CodeTokenNotFound, CodeTokenGetFailed)
	}
	owner, err := tx.User(ctx, t.UserID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return t, err
	}
	owner.ID = t.UserID
	return t, a.permitOn(action, owner.Owner())
}
