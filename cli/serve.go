package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"jeton"
	"jeton/authn"
	"jeton/jobs"
	"jeton/web"
)

// serveFlags are the settings of the server, as the flags gave them.
type serveFlags struct {
	listenFlags
	db, publicURL           string
	dbWait                  time.Duration
	proxies, earlier        []string
	enableTokens            bool
	maxTokens               int
	openSignup, deletion    bool
	sessionLength, lease    time.Duration
	prefix, format          string
	log                     logFlags
	cacheMiB                int64
	keepRetired             int // days
	keepRefusals            int // days
	ended                   endedFlags
	verify                  verifyFlags
	public                  *url.URL    // read from publicURL
	trusted                 web.Proxies // read from proxies
	passwordFromEnvironment string
	notes                   []note // what to log once about the settings
}

const (
	serveCommand  = "serve"
	dbWaitFlag    = "db-wait"
	maxTokensFlag = "max-tokens-per-owner"
	maxTokensMost = 10_000
)

func newServe(t *terminal) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   serveCommand,
		Short: "Run the server",
		Long: `Run the server until SIGTERM or SIGINT. It then finishes the requests in progress; a
second signal ends it at once. SIGHUP makes it read the certificate again and open the
file of the log again. In an empty database it makes the tables and the user
"admin". The password is the one in JETON_ADMIN_PASSWORD, or a random one, which is
shown once on the terminal or written to the file admin-password beside the database.`,
		Example: `jeton serve --db data/jeton.db
jeton serve --config jeton.yaml`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			var err error
			if f.passwordFromEnvironment, err = t.setting(adminPasswordVariable); err != nil {
				return err
			}
			f.notes = f.review(cmd, t)
			return serve(cmd.Context(), t, f)
		},
	}
	d := jeton.DefaultSettings()
	flags := cmd.Flags()
	databaseFlag(flags, &f.db)
	flags.DurationVar(&f.dbWait, dbWaitFlag, 0, "how long to wait at the start for a PostgreSQL server that is not up yet; 0: not at all")
	f.addAll(flags)
	flags.StringVar(&f.publicURL, "public-url", "", "the `URL` at which clients reach the server, for links and cookies")
	flags.StringSliceVar(&f.proxies, proxiesFlag, nil, "`CIDRs` of the proxies whose X-Forwarded-For header is trusted; unix for those on a Unix socket")
	flags.BoolVar(&f.enableTokens, "enable-user-access-tokens", d.TokensEnabled, "allow tokens of people, not only of bots")
	flags.IntVar(&f.maxTokens, maxTokensFlag, d.MaxTokensPerOwner, "how many tokens that have not expired one user or bot may hold, 1 to 10000")
	flags.BoolVar(&f.openSignup, "open-signup", false, "allow sign-up without an administrator")
	flags.BoolVar(&f.deletion, "enable-user-deletion", false, "allow administrators to delete users permanently")
	flags.DurationVar(&f.sessionLength, "session-length", d.SessionLength, "how long a log-in session lasts")
	f.ended.add(flags)
	flags.StringVar(&f.prefix, "token-prefix", jeton.DefaultTokenPrefix, "the prefix of new tokens, before the _")
	flags.StringSliceVar(&f.earlier, "earlier-token-prefixes", nil, "earlier `prefixes` whose tokens remain valid")
	flags.StringVar(&f.format, "token-format", "jeton", "the format of new tokens and sessions: jeton, or mattermost (26 characters, no prefix)")
	f.log.add(flags)
	flags.DurationVar(&f.lease, "lease", time.Second, "the longest time that a token revoked on another node may still be accepted")
	flags.Int64Var(&f.cacheMiB, "cache-size", authn.DefaultSize>>20, "the approximate size in `MiB` of the cache of tokens, sessions and owners")
	flags.IntVar(&f.keepRetired, "keep-retired-days", jobs.DefaultKeepRetired, "for how many `days` the digest of a revoked token is kept, 1 to 3650")
	flags.IntVar(&f.keepRefusals, "keep-refusals-days", jobs.DefaultKeepRefusals, "for how many `days` refusals and failed log-ins stay in the journal, 1 to 3650; a list for \"jeton admin restore --revocations\" reaches back no further")
	f.verify.add(flags)
	return cmd
}

// wrongSetting makes the error of a setting: of what is wrong with the flag.
type wrongSetting func(flag, format string, args ...any) error

// wrongFor returns the wrongSetting of a command.
func wrongFor(command string) wrongSetting {
	return func(flag, format string, args ...any) error {
		return usage(fmt.Errorf("--%s: "+format, append([]any{flag}, args...)...),
			`set it by --%s, %s or the settings file; "jeton %s --help" says which values it accepts`, flag, variable(flag), command)
	}
}

// check validates the settings, and parses those that are more than text.
func (f *serveFlags) check() error {
	wrong := wrongFor("serve")
	if err := f.listenFlags.check(wrong); err != nil {
		return err
	}
	if err := checkDatabase(f.db); err != nil {
		return err
	}
	if f.dbWait < 0 || f.dbWait > 24*time.Hour {
		return wrong(dbWaitFlag, "%s is not from 0 to 24h", f.dbWait)
	}
	if f.maxTokens < 1 || f.maxTokens > maxTokensMost {
		return wrong(maxTokensFlag, "%d is not from 1 to %d", f.maxTokens, maxTokensMost)
	}
	if f.sessionLength < time.Minute {
		return wrong("session-length", "%s is less than a minute", f.sessionLength)
	}
	if f.lease < 100*time.Millisecond || f.lease > time.Minute {
		return wrong("lease", "%s is not from 100ms to 1m", f.lease)
	}
	if f.cacheMiB < 1 || f.cacheMiB > 1<<20 {
		return wrong("cache-size", "%d is not from 1 to %d", f.cacheMiB, 1<<20)
	}
	if f.keepRetired < 1 || f.keepRetired > 3650 {
		return wrong("keep-retired-days", "%d is not from 1 to 3650", f.keepRetired)
	}
	if f.keepRefusals < 1 || f.keepRefusals > 3650 {
		return wrong("keep-refusals-days", "%d is not from 1 to 3650", f.keepRefusals)
	}
	if err := f.ended.check(wrong); err != nil {
		return err
	}
	if f.format != "jeton" && f.format != "mattermost" {
		return wrong("token-format", "%q is neither jeton nor mattermost", f.format)
	}
	if !jeton.ValidPrefix(f.prefix) {
		return wrong("token-prefix", "%q is not 2 to 16 of a-z and 0-9", f.prefix)
	}
	for _, p := range f.earlier {
		if !jeton.ValidPrefix(p) {
			return wrong("earlier-token-prefixes", "%q is not 2 to 16 of a-z and 0-9", p)
		}
	}
	if err := f.log.check(wrong); err != nil {
		return err
	}
	if err := f.verify.check(wrong); err != nil {
		return err
	}
	return f.read(wrong)
}

func (f *serveFlags) read(wrong wrongSetting) error {
	if f.publicURL != "" {
		u, err := url.Parse(f.publicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			if err != nil || u.User != nil { // it may hold a password
				return wrong("public-url", "it is not like https://tokens.example.org, without a user")
			}
			return wrong("public-url", "%q is not like https://tokens.example.org", f.publicURL)
		}
		f.public = u
	}
	trusted, err := web.ParseProxies(f.proxies)
	if err != nil {
		return wrong(proxiesFlag, "%w", err)
	}
	f.trusted = trusted
	return nil
}

// settings returns the settings that the rules depend on.
func (f *serveFlags) settings() jeton.Settings {
	return jeton.Settings{
		TokensEnabled:     f.enableTokens,
		MaxTokensPerOwner: f.maxTokens,
		OpenSignup:        f.openSignup,
		UserDeletion:      f.deletion,
		SessionLength:     f.sessionLength,
		SessionIdle:       f.ended.sessionIdle,
		Secrets:           jeton.SecretFormat{Prefix: f.prefix, Earlier: f.earlier, Bare: f.format == "mattermost"},
	}
}

// serve runs the server until a signal or a failure.
func serve(ctx context.Context, t *terminal, f serveFlags) (err error) {
	log, output, err := openLog(f.log.file, t.err, f.log.level, f.log.format)
	if err != nil {
		return err
	}
	defer output.close()
	reload := &reloads{log: log}
	reload.add(output.reopen)
	signals := watchHangups(log, reload.run)
	defer signals.close()
	for _, n := range f.notes {
		log.Log(ctx, n.level, n.text, n.attrs...)
	}
	s, err := startServer(ctx, t, f, log, reload)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.run(ctx)
}
