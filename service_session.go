package jeton

import (
	"context"
	"errors"
	"strings"
)

// maxSessions is the most sessions of one user. A new one removes the oldest.
const maxSessions = 100

// LogIn is what a person sends to log in.
type LogIn struct {
	LoginID   string // a username or an e-mail address
	Password  string
	DeviceID  string
	Address   string // the client's address
	Network   string // the client's network, as rate limits count it
	UserAgent string
}

// CreatedSession is a new session with its user, and its secret, which is shown this
// one time.
type CreatedSession struct {
	User    User
	Session Session
	Secret  Secret
}

// LogIn creates a session. An unknown name takes as long as a known one and gets the
// same error; that an account is deactivated is told only after the right password.
func (s *Service) LogIn(ctx context.Context, in LogIn) (CreatedSession, Receipt, error) {
	none := func(err error) (CreatedSession, Receipt, error) { return CreatedSession{}, Receipt{}, err }
	if in.Password == "" {
		return none(fail(CodeBlankPassword))
	}
	name := strings.ToLower(strings.TrimSpace(in.LoginID))
	user, err := s.userByLogin(ctx, name)
	if err != nil {
		return none(err)
	}
	right, err := s.checkPassword(ctx, user, passwordCheck{
		account: name, password: in.Password, network: in.Network, failed: CodeLogInFailed,
		refused: Event{Action: SessionCreate, Target: user.ID, Detail: Detail{Address: in.Address}},
	})
	if err != nil {
		return none(err)
	}
	switch {
	case !right:
		return none(fail(CodeBadCredentials))
	case user.IsBot:
		return none(fail(CodeBotLogin))
	case !user.Active():
		return none(fail(CodeAccountDeactivated))
	}
	created, receipt, err := s.createSession(ctx, user, in)
	if err != nil {
		return none(storeError(err, CodeBadCredentials, CodeLogInFailed))
	}
	return created, receipt, nil
}

// userByLogin returns the user with a username or an e-mail address, or the zero User.
// A username never contains an @, so that one look-up is enough.
func (s *Service) userByLogin(ctx context.Context, name string) (User, error) {
	if !validText(name) || len(name) > maxEmail {
		return User{}, nil
	}
	find := s.store.UserByName
	if strings.Contains(name, "@") {
		find = s.store.UserByEmail
	}
	u, err := find(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return User{}, nil
	}
	return u, storeError(err, "", CodeLogInFailed)
}

// passwordCheck is one comparison of a password.
type passwordCheck struct {
	account  string // what the guard counts by when the user does not exist
	password string
	network  string // the client's network, as rate limits count it
	failed   Code   // the error when the store fails
	refused  Event  // the entry of the journal for a wrong password
}

// checkPassword compares a password under the log-in guard, which counts failures
// only. From a network that the user logged in from before, the right password always
// passes, so that failures of other clients cannot lock the user out; there the guard
// answers only a wrong password with a time to wait.
func (s *Service) checkPassword(ctx context.Context, user User, c passwordCheck) (bool, error) {
	account := user.ID
	if account == "" {
		account = truncate(c.account, maxEmail)
	}
	known, err := s.store.KnownAddress(ctx, user.ID, c.network)
	if err != nil {
		return false, storeError(err, "", c.failed)
	}
	try, wait := s.guard.begin(account, c.network)
	right := false
	if wait == 0 || known {
		if right, err = s.passwords.Compare(ctx, user.PasswordHash, c.password); err != nil {
			try.forgive()
			return false, withCode(err, c.failed)
		}
	}
	if right = right && user.ID != ""; right {
		try.forgive()
		return true, nil
	}
	s.refusals.add(c.network, c.refused)
	if wait > 0 {
		return false, &Error{Code: CodeTooManyRequests, RetryAfter: wait}
	}
	return false, nil
}

// checkOwnPassword compares the actor's own password.
func (s *Service) checkOwnPassword(ctx context.Context, a Actor, user User, password string, action Action, failed Code) (bool, error) {
	return s.checkPassword(ctx, user, passwordCheck{
		account: user.ID, password: password, network: a.Network, failed: failed,
		refused: Event{Actor: a.ID, Via: a.Via(), Action: action, Target: user.ID, Detail: Detail{Address: a.Address}},
	})
}

func (s *Service) createSession(ctx context.Context, user User, in LogIn) (CreatedSession, Receipt, error) {
	secret, d := s.settings.Secrets.NewSession(s.random)
	now := s.clock()
	session := Session{
		ID: NewID(now, s.random), UserID: user.ID, CreateAt: now.UnixMilli(), LastActivityAt: now.UnixMilli(),
		ExpiresAt: now.Add(s.settings.SessionLength).UnixMilli(),
		DeviceID:  truncate(in.DeviceID, MaxUserAgent), Address: in.Network, UserAgent: truncate(in.UserAgent, MaxUserAgent),
	}
	self := Actor{Owner: user.Owner(), Kind: KindSession, ViaID: session.ID, Address: in.Address}
	receipt, err := s.write(ctx, self, SessionCreate, Prefetch{}, func(tx Tx) (Event, error) {
		u, err := tx.User(user.ID)
		if err != nil {
			return Event{}, err
		}
		if u.PasswordHash != user.PasswordHash || !u.Active() {
			return Event{}, fail(CodeBadCredentials) // it changed since the password was compared
		}
		return Event{Target: session.ID, Detail: Detail{Owner: user.ID}}, tx.AddSession(session, d, maxSessions)
	})
	return CreatedSession{User: user, Session: session, Secret: secret}, receipt, err
}

// LogOut ends the actor's session. For an actor without a session it does nothing, and
// the receipt is zero.
func (s *Service) LogOut(ctx context.Context, a Actor) (Receipt, error) {
	if a.Kind != KindSession {
		return Receipt{}, nil
	}
	receipt, err := s.change(ctx, a, SessionEnd, func(tx Tx, a Actor) (Event, error) {
		return Event{Target: a.ViaID, Detail: Detail{Owner: a.ID}}, tx.RemoveSession(a.ViaID)
	})
	if CodeOf(err) == CodeUnauthenticated {
		return Receipt{}, nil // the session had ended already
	}
	return receipt, storeError(err, "", CodeSessionEndFailed)
}

// SessionsOf returns a user's sessions, the most recently active first, and the user.
func (s *Service) SessionsOf(ctx context.Context, a Actor, userID string) (Owner, []Session, error) {
	owner, err := s.owner(ctx, a, userID, CodeSessionListFailed)
	if err != nil {
		return owner, nil, err
	}
	if err := s.permitOn(a, SessionList, owner); err != nil {
		return owner, nil, err
	}
	sessions, err := list(ctx, s, a, func() ([]Session, error) { return s.store.SessionsOf(ctx, userID) })
	return owner, sessions, storeError(err, "", CodeSessionListFailed)
}

// RevokeSession ends one session of a user.
func (s *Service) RevokeSession(ctx context.Context, a Actor, userID, sessionID string) (Receipt, error) {
	receipt, err := s.change(ctx, a, SessionRevoke, func(tx Tx, a Actor) (Event, error) {
		if err := a.permitOn(SessionRevoke, Owner{ID: userID}); err != nil {
			return Event{}, err
		}
		if sessionID == "" {
			return Event{}, failParam(CodeInvalidBody, "session_id")
		}
		session, err := tx.Session(sessionID)
		if err != nil {
			return Event{}, err
		}
		if session.UserID != userID {
			return Event{}, failParam(CodeInvalidURL, "user_id")
		}
		return Event{Target: sessionID, Detail: Detail{Owner: userID}}, tx.RemoveSession(sessionID)
	})
	return receipt, storeError(err, CodeSessionNotFound, CodeSessionEndFailed)
}

// RevokeSessions ends all sessions of a user, but no token.
func (s *Service) RevokeSessions(ctx context.Context, a Actor, userID string) (Receipt, error) {
	receipt, err := s.change(ctx, a, SessionsRevoke, func(tx Tx, a Actor) (Event, error) {
		if err := a.permitOn(SessionsRevoke, Owner{ID: userID}); err != nil {
			return Event{}, err
		}
		return Event{Target: userID, Detail: Detail{Owner: userID}}, tx.RemoveSessionsOf(userID, "")
	})
	return receipt, storeError(err, "", CodeSessionEndFailed)
}
