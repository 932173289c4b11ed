package jeton

import (
	"context"
	"slices"
	"strings"
)

// Me returns the actor's own record.
func (s *Service) Me(ctx context.Context, a Actor) (User, error) {
	if err := s.permit(a, UserMe); err != nil {
		return User{}, err
	}
	u, err := s.store.User(ctx, a.ID)
	return u, storeError(err, CodeUnauthenticated, CodeUserGetFailed)
}

// User returns a user by id.
func (s *Service) User(ctx context.Context, a Actor, id string) (User, error) {
	if err := s.permitOn(a, UserRead, Owner{ID: id}); err != nil {
		return User{}, err
	}
	u, err := s.store.User(ctx, id)
	return u, storeError(err, CodeUserNotFound, CodeUserGetFailed)
}

// UserByName returns a user by username.
func (s *Service) UserByName(ctx context.Context, a Actor, name string) (User, error) {
	if !ValidUsername(name) {
		return User{}, failParam(CodeInvalidBody, "username") // body, as Mattermost says
	}
	u, err := s.store.UserByName(ctx, name)
	return s.seen(a, u, storeError(err, CodeUserByNameNotFound, CodeUserGetFailed))
}

// UserByEmail returns a user by e-mail address.
func (s *Service) UserByEmail(ctx context.Context, a Actor, email string) (User, error) {
	email = strings.ToLower(email)
	if !ValidEmail(email) {
		return User{}, failParam(CodeInvalidURL, "email")
	}
	u, err := s.store.UserByEmail(ctx, email)
	return s.seen(a, u, storeError(err, CodeUserNotFound, CodeUserGetFailed))
}

// seen asks the access table about a user that was looked up by something else
// than his id; the refusal hides whether there is one.
func (s *Service) seen(a Actor, u User, err error) (User, error) {
	if denied := s.permitOn(a, UserRead, Owner{ID: u.ID}); denied != nil {
		return User{}, denied
	}
	return u, err
}

// Users returns a page of the users that the filter lets through. Whoever may
// not see others sees himself.
func (s *Service) Users(ctx context.Context, a Actor, f UserFilter, p Page) ([]User, error) {
	if err := s.permit(a, UserList); err != nil {
		return nil, err
	}
	if !a.Holds(PermViewMembers) {
		if f.IDs != nil && !slices.Contains(f.IDs, a.ID) {
			return []User{}, nil
		}
		f.IDs = []string{a.ID}
	}
	if f.Role != "" {
		roles, err := s.directory.RoleTable(ctx)
		if err != nil {
			return nil, storeError(err, "", CodeUserListFailed)
		}
		if _, ok := roles.Role(f.Role); !ok {
			return nil, failParam(CodeInvalidURL, "role")
		}
	}
	f.Prefix = strings.ToLower(f.Prefix)
	users, err := s.store.Users(ctx, f, p.Offset(), p.Size)
	failed := CodeUserListFailed
	if f.Prefix != "" {
		failed = CodeUserSearchFailed
	}
	return users, storeError(err, "", failed)
}

// CreateUser makes an account with the role of a plain user. Nobody (the zero
// actor) may do so only where the server is open.
func (s *Service) CreateUser(ctx context.Context, a Actor, n NewUser) (User, error) {
	if err := s.maySignUp(a); err != nil {
		return User{}, s.counted(a, UserCreate, err)
	}
	if len(n.Password) < MinPassword || len(n.Password) > MaxPassword {
		return User{}, fail(CodePasswordPolicy)
	}
	if n.ID != "" {
		return User{}, fail(CodeUserExisting)
	}
	now := s.now()
	u := User{
		ID: NewID(s.clock(), s.random), Username: strings.ToLower(strings.TrimSpace(n.Username)),
		Email: strings.ToLower(strings.TrimSpace(n.Email)), FirstName: n.FirstName, LastName: n.LastName, Nickname: n.Nickname,
		Position: n.Position, Locale: n.Locale, Roles: []string{RoleSystemUser},
		CreateAt: now, UpdateAt: now, LastPasswordUpdate: now,
	}
	if u.Locale == "" {
		u.Locale = defaultLocale
	}
	if err := u.validate(); err != nil {
		return User{}, err
	}
	var err error
	if u.PasswordHash, err = s.passwords.Hash(ctx, n.Password); err != nil {
		return User{}, asError(err, CodeUserSaveFailed)
	}
	return u, storeError(s.addUser(ctx, a, u), "", CodeUserSaveFailed)
}

// maySignUp is the access table's row for user.create, widened by an open server.
func (s *Service) maySignUp(a Actor) error {
	err := a.permit(UserCreate)
	if err == nil || s.settings.OpenSignup && !a.Narrowed() {
		return nil
	}
	if a.Narrowed() {
		return err
	}
	return fail(CodeNoOpenServer)
}

// addUser writes a new user, in the name of the actor or, for a stranger who
// signed up, of the new user himself.
func (s *Service) addUser(ctx context.Context, a Actor, u User) error {
	if a.ID != "" {
		return s.change(ctx, a, UserCreate, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
			if err := s.maySignUp(a); err != nil {
				return Event{}, err
			}
			return Event{Target: u.ID, Detail: Detail{Owner: u.ID}}, tx.AddUser(ctx, u)
		})
	}
	work := context.WithoutCancel(ctx)
	event, err := s.store.Change(ctx, func(tx Tx) (Event, error) {
		e := Event{At: u.CreateAt, Actor: u.ID, Action: UserCreate, Target: u.ID, Detail: Detail{Owner: u.ID, Address: a.Address}}
		return e, tx.AddUser(work, u)
	})
	s.applied(event)
	return err
}

// UpdateUser changes fields of a user. One's own e-mail address needs the
// password; another's needs every permission that he holds.
func (s *Service) UpdateUser(ctx context.Context, a Actor, id string, p UserPatch) (User, error) {
	checked, err := s.checkEmailChange(ctx, a, id, p)
	if err != nil {
		return User{}, err
	}
	var u User
	err = s.change(ctx, a, UserUpdate, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		var err error
		if u, err = target(ctx, tx, a, UserUpdate, id); err != nil {
			return Event{}, err
		}
		before := u
		p.apply(&u)
		if u.Email != before.Email {
			if err := a.permitOn(UserEmail, before.Owner()); err != nil {
				return Event{}, err
			}
			if id == a.ID && (!checked.right || before.PasswordHash != checked.hash) {
				return Event{}, failParam(CodeInvalidBody, "password")
			}
		}
		if err := u.validate(); err != nil {
			return Event{}, err
		}
		u.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id}}, tx.SetUser(ctx, u)
	})
	return u, storeError(err, "", CodeUserUpdateFailed)
}

// checkedPassword is a comparison that was made before a change began.
type checkedPassword struct {
	right bool
	hash  string // what was compared with
}

// checkEmailChange compares the password that one's own new e-mail address
// needs, outside of the change because it takes long.
func (s *Service) checkEmailChange(ctx context.Context, a Actor, id string, p UserPatch) (checkedPassword, error) {
	none := checkedPassword{}
	if p.Email == nil || id != a.ID {
		return none, nil
	}
	u, err := s.store.User(ctx, id)
	if err != nil {
		return none, storeError(err, CodeUserNotFound, CodeUserUpdateFailed)
	}
	if strings.EqualFold(strings.TrimSpace(*p.Email), u.Email) {
		return none, nil // nothing to check
	}
	if err := s.permitOn(a, UserEmail, a.Owner); err != nil {
		return none, err // a token that may not is no way to guess the password
	}
	if p.Password == "" {
		return none, failParam(CodeInvalidBody, "password")
	}
	right, err := s.checkOwnPassword(ctx, a, u, p.Password, UserEmail, CodeUserUpdateFailed)
	if err == nil && !right {
		err = failParam(CodeInvalidBody, "password")
	}
	return checkedPassword{right: right, hash: u.PasswordHash}, err
}

// apply changes the fields that are given.
func (p UserPatch) apply(u *User) {
	set := func(field *string, value *string) {
		if value != nil {
			*field = *value
		}
	}
	set(&u.Username, p.Username)
	set(&u.Email, p.Email)
	set(&u.FirstName, p.FirstName)
	set(&u.LastName, p.LastName)
	set(&u.Nickname, p.Nickname)
	set(&u.Position, p.Position)
	set(&u.Locale, p.Locale)
	u.Username = strings.ToLower(strings.TrimSpace(u.Username))
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
}
