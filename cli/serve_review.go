package cli

import (
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"jeton/sqlstore"
)

// note is a line for the log about the settings.
type note struct {
	level slog.Level
	text  string
	attrs []any
}

// review returns what the administrator should know about settings that are valid: those
// that were given but have no effect, and those that are seldom meant.
func (f *serveFlags) review(cmd *cobra.Command, t *terminal) []note {
	var notes []note
	warn := func(when bool, text string, attrs ...any) {
		if when {
			notes = append(notes, note{slog.LevelWarn, text, attrs})
		}
	}
	for _, text := range unknownVariables(cmd.Root(), t.environ) {
		warn(true, text)
	}
	set := func(name string) bool { return wasSet(cmd.Flags(), name) }
	socket := strings.HasPrefix(f.listen, unixPrefix)
	warn(set(listenModeFlag) && !f.onSocket(), "--listen-mode has no effect: the server listens on no Unix socket")
	warn(socket && f.cert != "", "--tls-cert has no effect on --listen: a Unix socket is served without TLS")
	warn(f.cert != "" && f.public != nil && f.public.Scheme == "http", "--public-url begins with http://, but --tls-cert makes the server speak https")
	warn(socket && !f.trusted.Unix(), "all clients count as one in limits and in the log: the server listens on a Unix socket; "+
		"if a proxy connects to it, add unix to --trusted-proxies, so that its X-Forwarded-For is read")
	warn(!socket && f.trusted.Unix(), "unix in --trusted-proxies has no effect: the server does not listen on a Unix socket")
	warn(set(dbWaitFlag) && !sqlstore.IsPostgres(f.db), "--db-wait has no effect: a SQLite file is not waited for")
	warn(set("token-prefix") && f.format == "mattermost", "--token-prefix has no effect on new tokens: those of --token-format mattermost have none")
	quiet := strings.EqualFold(f.log.level, "warn") || strings.EqualFold(f.log.level, "error")
	warn(f.verify.settings.LogEach && quiet, "--log-verifications has no effect: its lines have the level info, and --log-level is higher")
	hosts := sqlstore.PlainText(f.db)
	warn(len(hosts) > 0, "connections to the database may go over the network in plain text; "+
		"add sslmode=verify-full to the URL, or sslmode=disable if the network is safe", "hosts", strings.Join(hosts, ", "))
	return notes
}
