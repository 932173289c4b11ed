package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
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
	listen, db, publicURL   string
	metricsListen           string // empty: no metrics are served
	proxies, earlier        []string
	enableTokens            bool
	maxTokens               int
	openSignup, deletion    bool
	sessionLength, lease    time.Duration
	prefix, format          string
	logLevel, logFormat     string
	cacheMiB                int64
	keepRetired             int // days
	keepRefusals            int // days
	verify                  verifyFlags
	public                  *url.URL    // read from publicURL
	trusted                 web.Proxies // read from proxies
	passwordFromEnvironment string
}

const (
	listenFlag    = "listen"
	maxTokensFlag = "max-tokens-per-owner"
	maxTokensMost = 10_000
)

func newServe(t *terminal) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server until SIGTERM or SIGINT. It then finishes the requests in progress; a
second signal ends it at once. In an empty database it makes the tables and the user
"admin". The password is the one in JETON_ADMIN_PASSWORD, or a random one, which is
shown once on the terminal or written to the file admin-password beside the database.`,
		Example: `jeton serve --db data/jeton.db
jeton serve --config jeton.yaml`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			f.passwordFromEnvironment = t.env(adminPasswordVariable)
			return serve(cmd.Context(), t, f)
		},
	}
	d := jeton.DefaultSettings()
	flags := cmd.Flags()
	databaseFlag(flags, &f.db)
	flags.StringVar(&f.listen, listenFlag, "127.0.0.1:8065", "the `address` to listen on")
	flags.StringVar(&f.metricsListen, metricsListenFlag, "", "the `address` to serve /metrics, /healthz and /readyz on, without authentication; empty: not served")
	flags.StringVar(&f.publicURL, "public-url", "", "the `URL` at which clients reach the server, for links and cookies")
	flags.StringSliceVar(&f.proxies, "trusted-proxies", nil, "`CIDRs` of the proxies whose X-Forwarded-For header is trusted")
	flags.BoolVar(&f.enableTokens, "enable-user-access-tokens", d.TokensEnabled, "allow tokens of people, not only of bots")
	flags.IntVar(&f.maxTokens, maxTokensFlag, d.MaxTokensPerOwner, "how many tokens one user or bot may hold, 1 to 10000")
	flags.BoolVar(&f.openSignup, "open-signup", false, "allow sign-up without an administrator")
	flags.BoolVar(&f.deletion, "enable-user-deletion", false, "allow administrators to delete users permanently")
	flags.DurationVar(&f.sessionLength, "session-length", d.SessionLength, "how long a log-in session lasts")
	flags.StringVar(&f.prefix, "token-prefix", jeton.DefaultTokenPrefix, "the prefix of new tokens, before the _")
	flags.StringSliceVar(&f.earlier, "earlier-token-prefixes", nil, "earlier `prefixes` whose tokens remain valid")
	flags.StringVar(&f.format, "token-format", "jeton", "the format of new tokens: jeton, or mattermost (26 characters, no prefix)")
	flags.StringVar(&f.logLevel, "log-level", "info", "the lowest level that is logged: debug, info, warn or error")
	flags.StringVar(&f.logFormat, "log-format", "text", "the format of the log: text or json")
	flags.DurationVar(&f.lease, "lease", time.Second, "the longest time that a token revoked on another node may still be accepted")
	flags.Int64Var(&f.cacheMiB, "cache-size", authn.DefaultSize>>20, "the approximate size in `MiB` of the cache of tokens, sessions and owners")
	flags.IntVar(&f.keepRetired, "keep-retired-days", jobs.DefaultKeepRetired, "for how many `days` the digest of a revoked token is kept, 1 to 3650")
	flags.IntVar(&f.keepRefusals, "keep-refusals-days", jobs.DefaultKeepRefusals, "for how many `days` refusals and failed log-ins stay in the journal, 1 to 3650")
	f.verify.add(flags)
	return cmd
}

// check validates the settings, and parses those that are more than text.
func (f *serveFlags) check() error {
	wrong := func(flag, format string, args ...any) error {
		return usage(fmt.Errorf("--%s: "+format, append([]any{flag}, args...)...),
			`set it by --%s, %s or the settings file; "jeton serve --help" says which values it accepts`, flag, variable(flag))
	}
	if _, _, err := net.SplitHostPort(f.listen); err != nil {
		return wrong(listenFlag, "%q is not host:port", f.listen)
	}
	if err := checkMetricsListen(f.metricsListen, f.listen); err != nil {
		return wrong(metricsListenFlag, "%w", err)
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
	if _, err := newLogger(nil, f.logLevel, f.logFormat); err != nil {
		return wrong("log-level or --log-format", "%w", err)
	}
	if err := f.verify.check(wrong); err != nil {
		return err
	}
	return f.read(wrong)
}

func (f *serveFlags) read(wrong func(flag, format string, args ...any) error) error {
	if f.publicURL != "" {
		u, err := url.Parse(f.publicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return wrong("public-url", "%q is not like https://tokens.example.org", f.publicURL)
		}
		f.public = u
	}
	trusted, err := web.ParseProxies(f.proxies)
	if err != nil {
		return wrong("trusted-proxies", "%w", err)
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
		Secrets:           jeton.SecretFormat{Prefix: f.prefix, Earlier: f.earlier, Bare: f.format == "mattermost"},
	}
}

// serve runs the server until a signal or a failure.
func serve(ctx context.Context, t *terminal, f serveFlags) (err error) {
	log, err := newLogger(t.err, f.logLevel, f.logFormat)
	if err != nil {
		return err
	}
	s, err := startServer(ctx, t, f, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.run(ctx)
}
