package jeton

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// LogIn is what a person sends to log in.
type LogIn struct {
	ID        string // the user's id; empty: LoginID names the user
	LoginID   string // a username or an e-mail address
	Password  string
	DeviceID  string
	Address   string // the client's address
	Network   string // the client's network, as rate limits count it
	UserAgent string
	Presented string // the secret that the request came with; a session ends with the log-in; empty: none

	newHash string // of the password, to be stored with the session; empty: the hash stays
}

// name returns how the client named the account. Names that mean the same are equal.
func (in LogIn) name() string {
	if in.ID != "" {
		return "id:" + in.ID
	}
	return strings.ToLower(strings.TrimSpace(in.LoginID))
}

// CreatedSession is a new session with its user, and its secret, which is shown this
// one time.
type CreatedSession struct {
	User    User
	Session Session
	Secret  Secret
}

// noteHashMadeAnew is the note of a log-in that replaced a hash made elsewhere.
const noteHashMadeAnew = "password hash made anew"

// joinNotes returns the notes that are not empty, as one.
func joinNotes(notes ...string) string {
	return strings.Join(slices.DeleteFunc(notes, func(n string) bool { return n == "" }), "; ")
}

// maxForeign is the longest password, in bytes, of which bcrypt compares all.
const maxForeign = 72

// LogIn creates a session. An unknown name takes as long as a known one and gets the
// same error; that an account is deactivated is told only after the right password.
func (s *Service) LogIn(ctx context.Context, in LogIn) (CreatedSession, Receipt, error) {
	none := func(err error) (CreatedSession, Receipt, error) { return CreatedSession{}, Receipt{}, err }
	if in.Password == "" {
		return none(fail(CodeBlankPassword))
	}
	user, err := s.userByLogin(ctx, in)
	if err != nil {
		return none(err)
	}
	result, err := s.checkPassword(ctx, user, passwordCheck{
		name: in.name(), password: in.Password, network: in.Network, failed: CodeLogInFailed,
		refused: Event{Action: SessionCreate, Target: user.ID, Detail: Detail{Owner: user.ID, Address: in.Address}},
	})
	if err != nil {
		return none(err)
	}
	switch {
	case !result.Right:
		return none(fail(CodeBadCredentials))
	case user.IsBot:
		return none(fail(CodeBotLogin))
	case !user.Active():
		return none(fail(CodeAccountDeactivated))
	}
	if result.Stale {
		in.newHash = s.hashAnew(ctx, in)
	}
	created, receipt, err := s.createSession(ctx, user, in)
	if errors.Is(err, errHashChanged) {
		created, receipt, err = s.logInAgain(ctx, user.ID, in)
	}
	if err != nil {
		return none(storeError(err, CodeBadCredentials, CodeLogInFailed))
	}
	s.networks.add(s.limits.Wide(in.Network))
	return created, receipt, nil
}

// errHashChanged says that the user has another hash since the password was compared.
var errHashChanged = errors.New("the password's hash has changed")

// logInAgain compares the password with the user's present hash and creates the session:
// a log-in at the same time may have made the hash anew. That takes no other place of the
// log-in guard, since the password was right a moment ago.
func (s *Service) logInAgain(ctx context.Context, id string, in LogIn) (CreatedSession, Receipt, error) {
	user, err := s.store.User(ctx, id)
	if err != nil {
		return CreatedSession{}, Receipt{}, err
	}
	result, err := s.passwords.Compare(s.withOrigin(ctx, in.Network, true), user.PasswordHash, in.Password)
	if err != nil {
		return CreatedSession{}, Receipt{}, withCode(err, CodeLogInFailed)
	}
	if !result.Right {
		return CreatedSession{}, Receipt{}, fail(CodeBadCredentials)
	}
	in.newHash = ""
	return s.createSession(ctx, user, in)
}

// userByLogin returns the user that logs in, or the zero User. A username never contains
// an @, so that one look-up is enough.
func (s *Service) userByLogin(ctx context.Context, in LogIn) (User, error) {
	name, find := in.name(), s.store.UserByName
	switch {
	case in.ID != "":
		name, find = in.ID, s.store.User
	case strings.Contains(name, "@"):
		find = s.store.UserByEmail
	}
	if !validText(name) || len(name) > maxEmail {
		return User{}, nil
	}
	u, err := find(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return User{}, nil
	}
	return u, storeError(err, "", CodeLogInFailed)
}

// hashAnew returns a hash that replaces one of another program or of another cost; empty if
// there is no time for it now. A password that bcrypt cut was not compared whole.
func (s *Service) hashAnew(ctx context.Context, in LogIn) string {
	if len(in.Password) > maxForeign {
		return ""
	}
	hash, err := s.passwords.Hash(s.withOrigin(ctx, in.Network, true), in.Password)
	if err != nil {
		return ""
	}
	return hash
}
