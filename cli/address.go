package cli

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
)

// reachedBy returns the URL of the server: the public one, or that of the listener.
func reachedBy(public *url.URL, listening net.Addr) string {
	if public != nil {
		return strings.TrimSuffix(public.String(), "/")
	}
	host, port, err := net.SplitHostPort(listening.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
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
	fmt.Fprintf(w, `Jeton serves %[1]s

To log in as admin and list all tokens, paste:

  %[2]s
  %[3]s token list --all

or, with curl alone:

  %[4]sTOKEN=$(printf '{"login_id":"admin","password":"%%s"}' %[5]s | curl -sS -D - -o /dev/null -d @- %[1]s/api/v4/users/login | sed -n 's/^[Tt]oken: \([^[:space:]]*\).*/\1/p'); printf 'Authorization: Bearer %%s' "$TOKEN" | curl -sS -H @- %[1]s/api/v4/users/tokens

`, address, logIn, quote(program), ask, password)
}

// quote quotes a path for a shell.
func quote(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
