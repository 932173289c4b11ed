package jeton

import (
	"context"
	"errors"
	"strings"
)

// maxSessions is how many log-ins a user has at once; the oldest make room.
const maxSessions = 100

// LogIn is what a person presents.
type LogIn struct {
	LoginID   string // a username or an e-mail address
	Password  string
	DeviceID  string
	Address   string // the client's
	Network   string // the same as the log-in guard counts it
	UserAgent string
}

// LogIn opens a session and returns it with its secret, which is shown this once.
// An unknown name costs what a known one costs and gets the same answer; that an
// account is deactivated is told only after the right password.
func (s *Service) LogIn(ctx context.Context, in LogIn) (User, Session, Secret, error) {
	none := func(err error) (User, Session, Secret, error) { return User{}, Session{}, Secret{}, err }
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
	session, secret, err := s.openSession(ctx, user, in)
	if err != nil {
		return none(storeError(err, CodeBadCredentials, CodeLogInFailed))
	}
	return user, session, secret, nil
}

// userByLogin finds who a name or an address belongs to; a user without an id
// when nobody. A username never holds an @, so one look-up decides.
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
	account  string // what the guard counts by, where there is no such user
	password string
	network  string // where it comes from, as the guard counts it
	failed   Code   // of the use case that the store could not help
	refused  Event  // what the journal says of a wrong one
}

// checkPassword compares under the log-in guard. Only failures count. Whoever
// logged in from the network before is never turned away with the right
// password, so that nobody locks a user out by failing in his name; he is told
// to wait only after a wrong one.
func (s *Service) checkPassword(ctx context.Context, user User, c passwordCheck) (bool, error) {
	account := user.ID
	if account == "" {
		account = cut(c.account, maxEmail)
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
			return false, asError(err, c.failed)
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

// checkOwnPassword compares the password of who is logged in already.
func (s *Service) checkOwnPassword(ctx context.Context, a Actor, user User, password string, action Action, failed Code) (bool, error) {
	return s.checkPassword(ctx, user, passwordCheck{
		account: user.ID, password: password, network: a.Network, failed: failed,
		refused: Event{Actor: a.ID, Via: a.Via(), Action: action, Target: user.ID, Detail: Detail{Address: a.Address}},
	})
}

// asError passes an *Error and wraps anything else in one of the code.
func asError(err error, code Code) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{Code: code, Err: err}
}

func (s *Service) openSession(ctx context.Context, user User, in LogIn) (Session, Secret, error) {
	secret, d := s.settings.Secrets.NewSession(s.random)
	now := s.clock()
	session := Session{
		ID: NewID(now, s.random), UserID: user.ID, CreateAt: now.UnixMilli(), LastActivityAt: now.UnixMilli(),
		ExpiresAt: now.Add(s.settings.SessionLength).UnixMilli(),
		DeviceID:  cut(in.DeviceID, MaxUserAgent), Address: in.Network, UserAgent: cut(in.UserAgent, MaxUserAgent),
	}
	work := context.WithoutCancel(ctx)
	event, err := s.store.Change(ctx, func(tx Tx) (Event, error) {
		u, err := tx.User(work, user.ID)
		if err != nil {
			return Event{}, err
		}
		if u.PasswordHash != user.PasswordHash || !u.Active() {
			return Event{}, fail(CodeBadCredentials) // it changed while the password was looked at
		}
		e := Event{
			At: session.CreateAt, Actor: user.ID, Via: "session:" + session.ID, Action: SessionCreate,
			Target: session.ID, Detail: Detail{Owner: user.ID, Address: in.Address},
		}
		return e, tx.AddSession(work, session, d, maxSessions)
	})
	s.applied(event)
	return session, secret, err
}

// cut returns at most limit bytes of valid text.
func cut(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// LogOut ends the actor's session. Whoever came by a token, or by nothing, has
// none to end.
func (s *Service) LogOut(ctx context.Context, a Actor) error {
	if a.Kind != KindSession {
		return nil
	}
	err := s.change(ctx, a, SessionEnd, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		return Event{Target: a.ViaID, Detail: Detail{Owner: a.ID}}, tx.RemoveSession(ctx, a.ViaID)
	})
	if CodeOf(err) == CodeUnauthenticated {
		return nil // it had ended already
	}
	return storeError(err, "", CodeSessionEndFailed)
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
	sessions, err := s.store.SessionsOf(ctx, userID)
	return owner, sessions, storeError(err, "", CodeSessionListFailed)
}

// RevokeSession ends one session of a user.
func (s *Service) RevokeSession(ctx context.Context, a Actor, userID, sessionID string) error {
	err := s.change(ctx, a, SessionRevoke, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		if err := a.permitOn(SessionRevoke, Owner{ID: userID}); err != nil {
			return Event{}, err
		}
		if sessionID == "" {
			return Event{}, failParam(CodeInvalidBody, "session_id")
		}
		session, err := tx.Session(ctx, sessionID)
		if err != nil {
			return Event{}, err
		}
		if session.UserID != userID {
			return Event{}, failParam(CodeInvalidURL, "user_id")
		}
		return Event{Target: sessionID, Detail: Detail{Owner: userID}}, tx.RemoveSession(ctx, sessionID)
	})
	return storeError(err, CodeSessionNotFound, CodeSessionEndFailed)
}

// RevokeSessions ends all sessions of a user. His tokens stay.
func (s *Service) RevokeSessions(ctx context.Context, a Actor, userID string) error {
	err := s.change(ctx, a, SessionsRevoke, func(ctx context.Context, tx Tx, a Actor) (Event, error) {
		if err := a.permitOn(SessionsRevoke, Owner{ID: userID}); err != nil {
			return Event{}, err
		}
		return Event{Target: userID, Detail: Detail{Owner: userID}}, tx.RemoveSessionsOf(ctx, userID, "")
	})
	return storeError(err, "", CodeSessionEndFailed)
}
