package jeton

import (
	"context"
	"strings"
)

// NewBot is a bot that a caller asks to create.
type NewBot struct {
	Username, DisplayName, Description string
}

// CreateBot creates a bot that the actor owns.
func (s *Service) CreateBot(ctx context.Context, a Actor, n NewBot) (User, Receipt, error) {
	now := s.now()
	b := User{
		ID: NewID(s.clock(), s.random), Username: strings.ToLower(n.Username), FirstName: n.DisplayName,
		Locale: defaultLocale, Roles: []string{RoleSystemUser}, CreateAt: now, UpdateAt: now, LastPasswordUpdate: now,
		IsBot: true, BotOwnerID: a.ID, BotDescription: n.Description,
	}
	b.Email = botEmail(b.Username)
	receipt, err := s.change(ctx, a, BotCreate, func(tx Tx, a Actor) (Event, error) {
		if err := a.permit(BotCreate); err != nil {
			return Event{}, err
		}
		if a.IsBot {
			return Event{}, fail(CodeForbidden)
		}
		if err := b.validateBot(); err != nil {
			return Event{}, err
		}
		return Event{Target: b.ID, Detail: Detail{Owner: b.ID}}, tx.AddUser(b)
	})
	return b, receipt, storeError(err, "", CodeBotSaveFailed)
}

func botEmail(username string) string { return username + "@localhost" }

// Bot returns a bot. For an actor that is not allowed to see it, it does not exist.
func (s *Service) Bot(ctx context.Context, a Actor, id string, includeDeleted bool) (User, error) {
	if err := s.permit(a, BotRead); err != nil {
		return User{}, err
	}
	b, err := s.store.User(ctx, id)
	if err == nil && (!b.IsBot || !b.Active() && !includeDeleted) {
		err = ErrNotFound
	}
	if err != nil {
		return User{}, storeError(err, CodeBotNotFound, CodeBotGetFailed)
	}
	if s.permitOn(a, BotRead, b.Owner()) != nil {
		return User{}, fail(CodeBotNotFound)
	}
	return b, nil
}

// Bots returns a page of the bots that the actor is allowed to see: all, or its own.
func (s *Service) Bots(ctx context.Context, a Actor, f BotFilter, p Page) ([]User, error) {
	if err := s.permit(a, BotRead); err != nil {
		return nil, err
	}
	switch {
	case a.Holds(PermReadOthersBots):
	case a.Holds(PermReadBots):
		f.OwnerID = a.ID
	default:
		return nil, s.counted(a, BotRead, fail(CodeForbidden))
	}
	read := list[[]User]
	if f.OwnerID != "" || f.OnlyOrphaned || p.Offset() >= deepPage {
		read = search[[]User]
	}
	bots, err := read(ctx, s, a, func() ([]User, error) { return s.store.Bots(ctx, f, p.Offset(), p.Size) })
	return bots, storeError(err, "", CodeBotListFailed)
}

// UpdateBot changes fields of a bot.
func (s *Service) UpdateBot(ctx context.Context, a Actor, id string, p BotPatch) (User, Receipt, error) {
	return s.changeBot(ctx, a, id, BotUpdate, func(_ Tx, b *User) error {
		if p.Username != nil {
			b.Username = strings.ToLower(*p.Username)
			b.Email = botEmail(b.Username)
		}
		if p.DisplayName != nil {
			b.FirstName = *p.DisplayName
		}
		if p.Description != nil {
			b.BotDescription = *p.Description
		}
		return b.validateBot()
	})
}

// SetBotActive enables or disables a bot. The tokens of a disabled bot are not usable.
func (s *Service) SetBotActive(ctx context.Context, a Actor, id string, active bool) (User, Receipt, error) {
	action := BotEnable
	if !active {
		action = BotDisable
	}
	return s.changeBot(ctx, a, id, action, func(_ Tx, b *User) error {
		switch {
		case active:
			b.DeleteAt = 0
		case b.DeleteAt == 0:
			b.DeleteAt = s.now()
		}
		return nil
	})
}

// AssignBot gives a bot to another owner, who must be a person.
func (s *Service) AssignBot(ctx context.Context, a Actor, id, ownerID string) (User, Receipt, error) {
	return s.changeBot(ctx, a, id, BotAssign, func(tx Tx, b *User) error {
		owner, err := tx.User(ownerID)
		if err != nil {
			return storeError(err, CodeUserNotFound, CodeBotUpdateFailed)
		}
		if owner.IsBot {
			return fail(CodeForbidden)
		}
		b.BotOwnerID = ownerID
		return nil
	})
}

// changeBot reads a bot, asks the access table, and writes the bot as edit changes it.
func (s *Service) changeBot(ctx context.Context, a Actor, id string, action Action, edit func(Tx, *User) error) (User, Receipt, error) {
	var b User
	receipt, err := s.change(ctx, a, action, func(tx Tx, a Actor) (Event, error) {
		var err error
		if b, err = tx.User(id); err == nil && !b.IsBot {
			err = ErrNotFound
		}
		if err != nil {
			return Event{}, err
		}
		if err := a.permitOn(action, b.Owner()); err != nil {
			if a.permitOn(BotRead, b.Owner()) != nil {
				return Event{}, hideRefusal(CodeBotNotFound)
			}
			return Event{}, err
		}
		if err := edit(tx, &b); err != nil {
			return Event{}, err
		}
		b.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id}}, tx.SetUser(b)
	})
	return b, receipt, storeError(err, CodeBotNotFound, CodeBotUpdateFailed)
}
