package jeton

import (
	"context"
	"strconv"
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
		if err := mayOwnAnother(tx, a.ID); err != nil {
			return Event{}, err
		}
		return Event{Target: b.ID, Detail: Detail{Owner: b.ID, Changes: userChanges(User{}, b)}}, tx.AddUser(b)
	})
	return b, receipt, storeError(err, "", CodeBotSaveFailed)
}

// mayOwnAnother refuses one bot more to an owner who has as many as are allowed.
func mayOwnAnother(tx Tx, ownerID string) error {
	n, err := tx.BotsOwned(ownerID, maxBotsPerOwner)
	if err == nil && n >= maxBotsPerOwner {
		return failParam(CodeBotLimit, strconv.Itoa(maxBotsPerOwner))
	}
	return err
}

func botEmail(username string) string { return username + "@localhost" }

// Bot returns a bot. For an actor that is not allowed to see it, it does not exist.
func (s *Service) Bot(ctx context.Context, a Actor, id string, includeDeleted bool) (User, error) {
	if err := s.permitAimed(a, BotRead, "", id); err != nil {
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
	return s.changeBot(ctx, a, id, BotUpdate, func(_ Tx, a Actor, b *User) error {
		if err := p.rename(a, b); err != nil {
			return err
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

// rename changes the username of a bot, and with it the address that is made of the
// name. A bot that was a person keeps the person's address.
func (p BotPatch) rename(a Actor, b *User) error {
	if p.Username == nil || strings.ToLower(*p.Username) == b.Username {
		return nil
	}
	if err := a.permitOnBot(BotRename, *b); err != nil {
		return err
	}
	if b.Email == botEmail(b.Username) {
		b.Email = botEmail(strings.ToLower(*p.Username))
	}
	b.Username = strings.ToLower(*p.Username)
	return nil
}

// SetBotActive enables or disables a bot. The tokens of a disabled bot are not usable, and
// bots that it owns, from when it was a person, are disabled with it.
func (s *Service) SetBotActive(ctx context.Context, a Actor, id string, active bool) (User, Receipt, error) {
	action := BotEnable
	if !active {
		action = BotDisable
	}
	var b User
	receipt, err := s.change(ctx, a, action, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		var err error
		if b, err = botInReach(tx, a, action, id); err != nil {
			return Event{}, err
		}
		e, err := s.setActive(tx, b, active)
		if err == nil {
			b, err = tx.User(id)
		}
		return e, err
	}))
	return b, receipt, storeError(err, CodeBotNotFound, CodeBotUpdateFailed)
}

// AssignBot gives a bot to another owner, who must be a person.
func (s *Service) AssignBot(ctx context.Context, a Actor, id, ownerID string) (User, Receipt, error) {
	return s.changeBot(ctx, a, id, BotAssign, func(tx Tx, _ Actor, b *User) error {
		owner, err := tx.User(ownerID)
		if err != nil {
			return storeError(err, CodeUserNotFound, CodeBotUpdateFailed)
		}
		if owner.IsBot {
			return fail(CodeForbidden)
		}
		if ownerID != b.BotOwnerID {
			if err := mayOwnAnother(tx, ownerID); err != nil {
				return err
			}
		}
		b.BotOwnerID = ownerID
		return nil
	})
}

// changeBot reads a bot, asks the access table, and writes the bot as edit changes it.
func (s *Service) changeBot(ctx context.Context, a Actor, id string, action Action, edit func(Tx, Actor, *User) error) (User, Receipt, error) {
	var b User
	receipt, err := s.change(ctx, a, action, aimedAt(id, id, func(tx Tx, a Actor) (Event, error) {
		var err error
		if b, err = botInReach(tx, a, action, id); err != nil {
			return Event{}, err
		}
		before := b
		if err := edit(tx, a, &b); err != nil {
			return Event{}, err
		}
		b.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id, Changes: userChanges(before, b)}}, tx.SetUser(b)
	}))
	return b, receipt, storeError(err, CodeBotNotFound, CodeBotUpdateFailed)
}

// botInReach reads a bot inside a change and asks the access table.
func botInReach(tx Tx, a Actor, action Action, id string) (User, error) {
	b, err := tx.User(id)
	if err == nil && !b.IsBot {
		err = ErrNotFound
	}
	if err != nil {
		return b, err
	}
	return b, a.permitOnBot(action, b)
}

// permitOnBot is permitOn for an actor to which a bot that it is not allowed to see does
// not exist.
func (a Actor) permitOnBot(action Action, b User) error {
	err := a.permitOn(action, b.Owner())
	if err != nil && a.permitOn(BotRead, b.Owner()) != nil {
		return hideRefusal(CodeBotNotFound)
	}
	return err
}
