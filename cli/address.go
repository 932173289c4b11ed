package cli

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	"jeton/web"
)

// reachedBy returns the URL of the server: the public one, or that of the listener. Of a
// Unix socket it is unix: and the path.
func reachedBy(public *url.URL, listening net.Addr, https bool) string {
	switch {
	case public != nil:
		return strings.TrimSuffix(public.String(), "/")
	case listening.Network() == web.UnixPeer:
		return unixPrefix + listening.String()
	}
	scheme := "http"
	if https {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(listening.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// welcome prints the server's URL and commands that log in and list the tokens, by
// this program and by curl. The commands never pass the password or the session's
// secret as an argument, which every user of the machine can read.
func welcome(w io.Writer, program, address, passwordFile string) {
	logIn := quote(program) + " login " + address + " --username admin"
	password, ask := `"$(cat `+quote(passwordFile)+`)"`, ""
	if _, err := os.Stat(passwordFile); err == nil {
		logIn += " --password-stdin < " + quote(passwordFile)
	} else {
		password, ask = `"$PASSWORD"`, `read -rs PASSWORD && ` // the input is not shown
	}
	curl, url, ours := "curl -sS", address, "  "+logIn+"\n  "+quote(program)+" token list --all\n\nor, with curl alone:\n\n"
	if path, is := strings.CutPrefix(address, unixPrefix); is { // only curl can call a socket
		curl, url, ours = curl+" --unix-socket "+quote(path), "http://jeton", ""
	}
	fmt.Fprintf(w, `Jeton serves %[1]s

To log in as admin and list all tokens, paste:

%[2]s  %[3]sTOKEN=$(printf '{"login_id":"admin","password":"%%s"}' %[4]s | %[5]s -D - -o /dev/null -d @- %[6]s/api/v4/users/login | sed -n 's/^[Tt]oken: \([^[:space:]]*\).*/\1/p'); printf 'Authorization: Bearer %%s' "$TOKEN" | %[5]s -H @- %[6]s/api/v4/users/tokens

`, address, ours, ask, password, curl, url)
}

// quote quotes a path for a shell.
func quote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
