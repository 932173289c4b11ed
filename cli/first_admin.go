package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"jeton"
)

const (
	adminPasswordVariable = "JETON_ADMIN_PASSWORD"
	adminPasswordFile     = "admin-password"
	unfinished            = ".new-*" // suffix of a file whose user may not exist yet
)

// firstAdmin makes the first administrator of an empty database.
//
// A crash at any moment must not leave an administrator whose password is lost, or
// overwrite the password file of an existing administrator. So the password is written
// to a temporary file before the user is made, and the file is renamed after that. If
// the program ends in between, the next start finds the temporary file, checks the
// password in it and renames it.
type firstAdmin struct {
	dir      string // of the file
	given    string // the password from the environment; empty: a random one
	terminal *terminal
	log      *slog.Logger
}

func (f firstAdmin) path() string { return filepath.Join(f.dir, adminPasswordFile) }

// making makes the user FirstAdmin with a password. It reports false if a user
// exists already.
type making func(ctx context.Context, password string) (made bool, err error)

// bootstrap returns the making of a service.
func bootstrap(s *jeton.Service) making {
	return func(ctx context.Context, password string) (bool, error) {
		first, _, err := s.Bootstrap(ctx, password)
		return first.ID != "", err
	}
}

// ensure makes the administrator if there is no user.
func (f firstAdmin) ensure(ctx context.Context, store jeton.Store, passwords jeton.Passwords, create making) error {
	some, err := store.Users(ctx, jeton.UserFilter{Bots: true}, 0, 1)
	if err != nil {
		return fmt.Errorf("cannot read the users: %w", err)
	}
	switch {
	case len(some) > 0:
		if f.given != "" {
			f.log.Info(adminPasswordVariable + " is not used: the database has users already")
		}
		return f.finish(ctx, store, passwords)
	case f.given != "":
		return f.makeGiven(ctx, create)
	case isTerminal(f.terminal.err):
		return f.makeShown(ctx, create)
	}
	return f.makeWritten(ctx, create)
}

func (f firstAdmin) makeGiven(ctx context.Context, create making) error {
	made, err := create(ctx, f.given)
	if fault := passwordFault(err); fault != "" {
		return hint(fmt.Errorf("the password of %s cannot be used: it %s", adminPasswordVariable, fault),
			"set another, or unset it for a random one")
	}
	if err != nil {
		return notMade(err)
	}
	if made {
		f.log.Info("made the first administrator with the password of "+adminPasswordVariable, "username", jeton.FirstAdmin)
	}
	return nil
}

// makeShown prints the password after the user is made. If that output is lost,
// "admin reset-password" sets another.
func (f firstAdmin) makeShown(ctx context.Context, create making) error {
	secret := randomPassword()
	made, err := create(ctx, secret)
	if err != nil {
		return notMade(err)
	}
	if made {
		fmt.Fprintf(f.terminal.err, "\nThe user %q was made. Its password, shown only now:\n\n    %s\n\n", jeton.FirstAdmin, secret)
	}
	return nil
}

func (f firstAdmin) makeWritten(ctx context.Context, create making) error {
	secret := randomPassword()
	waiting, err := f.write(secret)
	if err != nil {
		return hint(fmt.Errorf("cannot write the first administrator's password: %w", err),
			"make %s writable, or set %s", f.dir, adminPasswordVariable)
	}
	made, err := create(ctx, secret)
	if err != nil {
		// The user may exist nevertheless, so the file stays: the next start checks it.
		return notMade(err)
	}
	if !made { // another node was first
		_ = os.Remove(waiting)
		return nil
	}
	return f.publish(waiting, secret)
}

func notMade(err error) error { return fmt.Errorf("cannot make the first administrator: %w", err) }

// write writes the password to a temporary file and syncs it to disk.
func (f firstAdmin) write(secret string) (path string, err error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(f.dir, adminPasswordFile+unfinished) // made with mode 0600
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(secret + "\n")
	err = errors.Join(err, file.Sync(), file.Close(), syncDir(f.dir))
	return file.Name(), err
}

// publish renames the temporary file. Another process that started meanwhile may have
// done that already: see finish.
func (f firstAdmin) publish(waiting, secret string) error {
	err := os.Rename(waiting, f.path())
	if errors.Is(err, fs.ErrNotExist) {
		if held, readErr := readPassword(f.path()); readErr == nil && held == secret {
			err = nil
		}
	}
	if err != nil {
		return hint(fmt.Errorf("the first administrator was made, but its password stays in %s: %w", waiting, err),
			"read it there, and remove the file")
	}
	f.log.Info("made the first administrator; the password is in the file", "username", jeton.FirstAdmin, "file", f.path())
	return syncDir(f.dir)
}

// finish handles the temporary files of a first start that was interrupted: a file
// with the administrator's password is renamed, any other is removed.
func (f firstAdmin) finish(ctx context.Context, store jeton.Store, passwords jeton.Passwords) error {
	left, err := filepath.Glob(filepath.Join(f.dir, adminPasswordFile+unfinished))
	if err != nil || len(left) == 0 {
		return err
	}
	admin, err := store.UserByName(ctx, jeton.FirstAdmin)
	if err != nil && !errors.Is(err, jeton.ErrNotFound) {
		return err
	}
	for _, path := range left {
		secret, err := readPassword(path)
		if err != nil {
			return err
		}
		compared, err := passwords.Compare(ctx, admin.PasswordHash, secret)
		if err != nil {
			return err
		}
		if !compared.Right {
			_ = os.Remove(path)
		} else if err := f.publish(path, secret); err != nil {
			return err
		}
	}
	return nil
}

func readPassword(path string) (string, error) {
	b, err := os.ReadFile(path)
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	return string(b), err
}

// syncDir syncs the entries of a directory to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// randomPassword returns 26 letters and digits (130 random bits).
func randomPassword() string { return rand.Text() }
