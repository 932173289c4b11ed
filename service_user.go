package jeton

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Me returns the actor's own record, without the password hash, from memory where
// possible.
func (s *Service) Me(ctx context.Context, a Actor) (User, error) {
	if err := s.permit(a, UserMe); err != nil {
		return User{}, err
	}
	u, err := s.directory.User(ctx, a.ID)
	return u, storeError(err, CodeUnauthenticated, CodeUserGetFailed)
}

// User returns a user by id, the actor itself from memory where possible.
func (s *Service) User(ctx context.Context, a Actor, id string) (User, error) {
	if err := s.permitOn(a, UserRead, Owner{ID: id}); err != nil {
		return User{}, err
	}
	read := s.store.User
	if id == a.ID {
		read = s.directory.User
	}
	u, err := read(ctx, id)
	return u, storeError(err, CodeUserNotFound, CodeUserGetFailed)
}

// UserByName returns a user by username, in any case.
func (s *Service) UserByName(ctx context.Context, a Actor, name string) (User, error) {
	name = strings.ToLower(name)
	if !ValidUsername(name) {
		return User{}, failParam(CodeInvalidBody, "username") // body, as Mattermost says
	}
	u, err := s.store.UserByName(ctx, name)
	return s.permitFound(a, u, storeError(err, CodeUserByNameNotFound, CodeUserGetFailed))
}

// UserByEmail returns a user by e-mail address.
func (s *Service) UserByEmail(ctx context.Context, a Actor, email string) (User, error) {
	email = strings.ToLower(email)
	if !ValidEmail(email) {
		return User{}, failParam(CodeInvalidURL, "email")
	}
	u, err := s.store.UserByEmail(ctx, email)
	return s.permitFound(a, u, storeError(err, CodeUserNotFound, CodeUserGetFailed))
}

// permitFound asks the access table about the result of a look-up by name or address.
// A refusal hides whether the user exists.
func (s *Service) permitFound(a Actor, u User, err error) (User, error) {
	if denied := s.permitOn(a, UserRead, Owner{ID: u.ID}); denied != nil {
		return User{}, denied
	}
	return u, err
}

// Users returns a page of the users that the filter selects. An actor that is not
// allowed to see other users finds only itself.
func (s *Service) Users(ctx context.Context, a Actor, f UserFilter, p Page) ([]User, error) {
	if err := s.permit(a, UserList); err != nil {
		return nil, err
	}
	if err := cmp.Or(checkTerm(f.Prefix), checkListed(f.IDs, f.Names, f.Roles, f.TeamRoles, f.ChannelRoles)); err != nil {
		return nil, err
	}
	if err := s.checkFilter(ctx, a, f); err != nil {
		return nil, err
	}
	if !f.limitTo(a) {
		return []User{}, nil
	}
	f.Roles = slices.Compact(slices.Sorted(slices.Values(f.Roles))) // at most as many as exist
	f.Prefix = strings.ToLower(f.Prefix)
	read, failed := list[[]User], CodeUserListFailed
	if f.selects() || p.Offset() >= deepPage {
		read = search[[]User]
	}
	if f.Prefix != "" {
		failed = CodeUserSearchFailed
	}
	users, err := read(ctx, s, a, func() ([]User, error) { return s.store.Users(ctx, f, p.Offset(), p.Size) })
	return users, storeError(err, "", failed)
}

// checkFilter checks that the roles of a filter exist, then that the actor is allowed to
// list users by the teams that it names.
func (s *Service) checkFilter(ctx context.Context, a Actor, f UserFilter) error {
	if err := s.checkRoles(ctx, f); err != nil {
		return err
	}
	switch {
	case f.WithoutTeam:
		return s.permit(a, UserListNoTeam)
	case f.ByTeam:
		return s.permit(a, UserListTeam)
	}
	return nil
}

// checkRoles fails with CodeInvalidBody, as Mattermost does for parameters of the URL too,
// for the first role of a filter that does not exist.
func (s *Service) checkRoles(ctx context.Context, f UserFilter) error {
	if f.Role == "" && len(f.Roles)+len(f.TeamRoles)+len(f.ChannelRoles) == 0 {
		return nil
	}
	table, err := s.directory.RoleTable(ctx)
	if err != nil {
		return storeError(err, "", CodeUserListFailed)
	}
	var role []string
	if f.Role != "" {
		role = []string{f.Role}
	}
	for _, asked := range []struct {
		param string
		names []string
	}{{"role", role}, {"roles", f.Roles}, {"channelRoles", f.ChannelRoles}, {"teamRoles", f.TeamRoles}} {
		for _, name := range asked.names {
			if _, ok := table.Role(name); !ok {
				return failValue(CodeInvalidBody, asked.param, name)
			}
		}
	}
	return nil
}

// limitTo limits the filter to what an actor is allowed to see: itself alone, if it is not
// allowed to see other users. False: the filter then selects no user.
func (f *UserFilter) limitTo(a Actor) bool {
	if a.Holds(PermViewMembers) {
		return true
	}
	if f.IDs != nil && !slices.Contains(f.IDs, a.ID) {
		return false
	}
	f.IDs = []string{a.ID}
	return true
}

// CreateUser creates an account with the role system_user. The zero actor, a client
// without a credential, is allowed to only where the settings have open sign-up.
func (s *Service) CreateUser(ctx context.Context, a Actor, n NewUser) (User, Receipt, error) {
	if err := s.maySignUp(a); err != nil {
		return User{}, Receipt{}, s.counted(a, UserCreate, err)
	}
	now := s.now()
	u := User{
		ID: NewID(s.clock(), s.random), Username: strings.ToLower(strings.TrimSpace(n.Username)),
		Email: strings.ToLower(strings.TrimSpace(n.Email)), FirstName: n.FirstName, LastName: n.LastName, Nickname: n.Nickname,
		Position: n.Position, Locale: n.Locale, Timezone: n.Timezone, Roles: []string{RoleSystemUser},
		EmailVerified: n.EmailVerified && a.permit(UserCreate) == nil,
		CreateAt:      now, UpdateAt: now, LastPasswordUpdate: now,
	}
	if u.Locale == "" {
		u.Locale = defaultLocale
	}
	if err := checkNewPassword(n.Password, u); err != nil {
		return User{}, Receipt{}, err
	}
	if n.ID != "" {
		return User{}, Receipt{}, fail(CodeUserExisting)
	}
	if err := u.validate(); err != nil {
		return User{}, Receipt{}, err
	}
	var err error
	if u.PasswordHash, err = s.hash(ctx, a, u, n.Password, CodeUserSaveFailed); err != nil {
		return User{}, Receipt{}, err
	}
	receipt, err := s.addUser(ctx, a, u)
	return u, receipt, storeError(err, "", CodeUserSaveFailed)
}

// maySignUp asks the access table about user.create, and allows it to every actor
// where the settings have open sign-up.
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

// addUser adds a new user in the name of the actor. A client that signs up without a
// credential acts as the new user.
func (s *Service) addUser(ctx context.Context, a Actor, u User) (Receipt, error) {
	added := Event{Target: u.ID, Detail: Detail{Owner: u.ID, Changes: userChanges(User{}, u)}}
	if a.ID == "" {
		self := Actor{Owner: u.Owner(), Address: a.Address}
		return s.write(ctx, self, UserCreate, Prefetch{}, func(tx Tx) (Event, error) { return added, tx.AddUser(u) })
	}
	return s.change(ctx, a, UserCreate, func(tx Tx, a Actor) (Event, error) {
		if err := s.maySignUp(a); err != nil {
			return Event{}, err
		}
		if err := a.permit(UserCreate); err != nil && u.EmailVerified {
			return Event{}, err // no administrator any more
		}
		return added, tx.AddUser(u)
	})
}

// UpdateUser changes fields of a user. To change its own e-mail address the actor
// needs its password; to change the username or e-mail address of another user, every
// permission of that user.
func (s *Service) UpdateUser(ctx context.Context, a Actor, id string, p UserPatch) (User, Receipt, error) {
	checked, err := s.checkEmailChange(ctx, a, id, p)
	if err != nil {
		return User{}, Receipt{}, err
	}
	var u User
	receipt, err := s.change(ctx, a, UserUpdate, func(tx Tx, a Actor) (Event, error) {
		var err error
		if u, err = targetUser(tx, a, UserUpdate, id); err != nil {
			return Event{}, err
		}
		before := u
		p.apply(&u)
		if u.Username != before.Username { // by which services and people may know the user
			if err := a.permitOn(UserName, before.Owner()); err != nil {
				return Event{}, err
			}
		}
		if u.Email != before.Email {
			u.EmailVerified = false
			if err := a.permitOn(UserEmail, before.Owner()); err != nil {
				return Event{}, err
			}
			if id == a.ID && (!checked.right || before.PasswordHash != checked.hash) {
				return Event{}, failParam(CodeInvalidBody, "password")
			}
			if id == a.ID {
				u.FailedAttempts = 0 // the password was right
			}
		}
		if err := u.validate(); err != nil {
			return Event{}, err
		}
		u.UpdateAt = s.now()
		return Event{Target: id, Detail: Detail{Owner: id, Changes: userChanges(before, u)}}, tx.SetUser(u)
	})
	return u, receipt, storeError(err, "", CodeUserUpdateFailed)
}

// checkedPassword is the result of comparing a password before a change.
type checkedPassword struct {
	right bool
	hash  string // the hash that it was compared with
}

// checkEmailChange compares the password that the actor needs to change its own e-mail
// address. It runs before the change, because a comparison takes long.
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
		return none, nil
	}
	if err := s.permitOn(a, UserEmail, a.Owner); err != nil {
		return none, err // before the comparison, so that such a token cannot guess the password
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

// apply sets the fields that are given.
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
	if p.Timezone != nil {
		u.Timezone = p.Timezone
	}
	u.Username = strings.ToLower(strings.TrimSpace(u.Username))
	u.Email = strings.ToLower(strings.TrimSpace(u.Email))
}
