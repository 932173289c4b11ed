package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// keptSessions is the file that a log-in writes: who is logged in where.
type keptSessions struct {
	Current string                 `json:"current"` // the server logged in to last
	Servers map[string]keptSession `json:"servers"` // by URL, as canonical has it
}

// keptSession is a log-in at one server.
type keptSession struct {
	Username  string `json:"username"`
	Secret    string `json:"secret"` // of the session or the token
	IsToken   bool   `json:"is_token,omitempty"`
	CAFile    string `json:"ca_file,omitempty"`
	PlainHTTP bool   `json:"plain_http,omitempty"`
}

func (k keptSessions) find(server string) (keptSession, bool) {
	s, ok := k.Servers[canonical(server)]
	return s, ok
}

// canonical returns the one form of all URLs of a server that RFC 3986, 6.2.2 and
// 6.2.3, holds to be equal; what is no URL it returns as it is. Paths stay apart, and
// so do names of one machine: a session must never go to another server.
func canonical(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Host = strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		u.Host = strings.TrimSuffix(strings.TrimSuffix(u.Host, port), ":")
	}
	return strings.TrimRight(u.String(), "/")
}

// sessionsPath returns where the file is: in the user's configuration folder, as
// the XDG base directory specification has it.
func (r *remote) sessionsPath() (string, error) {
	base := r.env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(base) { // the specification: a relative one counts as not set
		home := r.env("HOME")
		if home == "" {
			return "", hint(errors.New("there is no configuration folder: neither XDG_CONFIG_HOME nor HOME is set"),
				"set one of them, or work with %s and %s instead of a log-in", variable(urlFlag), tokenVariable)
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "jeton", "sessions.json"), nil
}

// readSessions reads the file; there need be none.
func (r *remote) readSessions() (keptSessions, error) {
	path, err := r.sessionsPath()
	if err != nil {
		return keptSessions{}, err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return keptSessions{}, nil
	}
	if err != nil {
		return keptSessions{}, hint(fmt.Errorf("cannot read the log-ins: %w", err), "see who may read the file")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return keptSessions{}, hint(fmt.Errorf("%s holds secrets, and others may read it", path),
			"chmod 600 %s; if somebody may have, log in again and revoke the old session", quote(path))
	}
	var kept keptSessions
	text, err := os.ReadFile(path)
	if err == nil && json.Unmarshal(text, &kept) != nil { // its error may quote a secret
		err = errors.New("it is not what a log-in writes")
	}
	if err != nil {
		return keptSessions{}, hint(fmt.Errorf("cannot read %s: %w", path, err), "remove it and log in again")
	}
	return kept, nil
}

// writeSessions puts the file in place as a whole: a crash leaves the old one.
func (r *remote) writeSessions(kept keptSessions) error {
	path, err := r.sessionsPath()
	if err != nil {
		return err
	}
	if err := replaceFile(path, kept); err != nil {
		return hint(fmt.Errorf("cannot keep the log-in: %w", err), "make %s writable, or work with %s", quote(filepath.Dir(path)), tokenVariable)
	}
	return nil
}

func replaceFile(path string, v any) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".sessions-*") // made with mode 0600
	if err != nil {
		return err
	}
	err = errors.Join(printJSON(file, v), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncDir(dir)
}
