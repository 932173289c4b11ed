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

// keptSessions is the content of sessions.json, which a log-in writes.
type keptSessions struct {
	Current string                 `json:"current"` // the server of the latest log-in
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

// canonical returns the normal form of a server's URL, by RFC 3986, 6.2.2 and 6.2.3. It
// returns text that is not a URL unchanged. Different paths and different names of one
// machine remain different: a session must never be sent to another server.
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

// sessionsPath returns the path of the file, by the XDG base directory specification.
func (r *remote) sessionsPath() (string, error) {
	base := r.env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(base) { // by the specification a relative path is ignored
		home := r.env("HOME")
		if home == "" {
			return "", hint(errors.New("there is no configuration folder: neither XDG_CONFIG_HOME nor HOME is set"),
				"set one of them, or use %s and %s instead of a log-in", variable(urlFlag), tokenVariable)
		}
		base = filepath.Join(home, ".config")
	}
	return filepath.Join(base, "jeton", "sessions.json"), nil
}

// readSessions reads the file. A missing file is empty.
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
		return keptSessions{}, hint(fmt.Errorf("cannot read the log-ins: %w", err), "check the permissions of the file")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return keptSessions{}, hint(fmt.Errorf("%s holds secrets, and other users can read it", path),
			"chmod 600 %s; if other users may have read it, log in again and revoke the old session", quote(path))
	}
	var kept keptSessions
	text, err := os.ReadFile(path)
	if err == nil && json.Unmarshal(text, &kept) != nil { // the error of json may quote a secret
		err = errors.New("it is not in the form that a log-in writes")
	}
	if err != nil {
		return keptSessions{}, hint(fmt.Errorf("cannot read %s: %w", path, err), "remove it and log in again")
	}
	return kept, nil
}

// writeSessions replaces the file atomically.
func (r *remote) writeSessions(kept keptSessions) error {
	path, err := r.sessionsPath()
	if err != nil {
		return err
	}
	if err := replaceFile(path, kept); err != nil {
		return hint(fmt.Errorf("cannot keep the log-in: %w", err), "make %s writable, or use %s", quote(filepath.Dir(path)), tokenVariable)
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
