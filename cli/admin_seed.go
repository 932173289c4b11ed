package cli

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"jeton"
	"jeton/password"
	"jeton/sqlstore"
)

// seedFlags say how many users and tokens to make.
type seedFlags struct {
	users, tokens int64
	key           uint64
	secrets       string
	maxTokens     int
	asJSON        bool
}

func newSeed(a *admin) *cobra.Command {
	var f seedFlags
	cmd := &cobra.Command{
		Use:   "seed",
		Short: "Fill an empty database with made-up users and tokens",
		Long: `Fill an empty database with made-up users and tokens, for trials and measurements. The
same --seed always gives the same users, tokens and secrets, byte for byte: never use
such a database in production. The made-up users have no password; the user "admin" is
made as by "jeton serve".`,
		Example: `jeton admin seed --db trial.db --users 100 --tokens 1000`,
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.seed(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.Int64Var(&f.users, "users", 100, "how many users, including bots")
	flags.Int64Var(&f.tokens, "tokens", 1000, "how many tokens, divided equally among the owners")
	flags.Uint64Var(&f.key, "seed", 1, "the seed of the random numbers")
	flags.StringVar(&f.secrets, "secrets", "", "a new `file` for the secrets, one per line: token_id user_id secret")
	flags.IntVar(&f.maxTokens, maxTokensFlag, jeton.DefaultSettings().MaxTokensPerOwner, "how many tokens one user or bot may hold")
	jsonFlag(cmd, &f.asJSON)
	return cmd
}

func (f seedFlags) check() error {
	const most = 10_000_000
	switch {
	case f.users < 1 || f.users > most || f.tokens < 0 || f.tokens > 10*most:
		return usage(errors.New("--users must be from 1 to 10,000,000, --tokens from 0 to 100,000,000"), "choose other numbers")
	case (f.tokens+f.users-1)/f.users > int64(max(f.maxTokens, 10)):
		return usage(fmt.Errorf("%d tokens for %d users are more than %d for each", f.tokens, f.users, f.maxTokens),
			"give more --users, fewer --tokens, or a higher --%s", maxTokensFlag)
	}
	return nil
}

func (a *admin) seed(ctx context.Context, f seedFlags) (err error) {
	store, err := openStore(ctx, a.db, a.log())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if some, err := store.AnyUser(ctx); err != nil {
		return err
	} else if some {
		return notEmpty()
	}
	given, err := a.setting(adminPasswordVariable)
	if err != nil {
		return err
	}
	secrets, err := createSecrets(f.secrets)
	if err != nil {
		return err
	}
	hasher := password.New(password.Params{})
	first := firstAdmin{
		dir: dataDir(a.db), given: given, terminal: a.terminal,
		log: slog.New(slog.NewTextHandler(a.err, nil)),
	}
	began := time.Now()
	err = first.ensure(ctx, store, hasher, func(ctx context.Context, password string) (bool, error) {
		hash, err := hasher.Hash(ctx, password)
		if err != nil {
			return false, err
		}
		err = a.load(ctx, store, f, secrets, hash)
		return err == nil, err
	})
	if err = secrets.finish(err); err != nil {
		if errors.Is(err, sqlstore.ErrNotEmpty) {
			return notEmpty()
		}
		return hint(fmt.Errorf("seeding failed, and nothing of it was kept: %w", err), "try again")
	}
	return a.saySeeded(f, time.Since(began))
}

func notEmpty() error {
	return hint(errors.New("the database is not empty: seeding would mix made-up users with real ones"), "choose a new one by --%s", dbFlag)
}

// load makes everything, including the first administrator, in one transaction.
func (a *admin) load(ctx context.Context, store *sqlstore.Store, f seedFlags, secrets *secretsFile, adminHash string) error {
	data := newSeedData(f.users, f.tokens, f.key, jeton.SecretFormat{})
	step, end := a.progress(f.users+1+f.tokens, "seeding")
	defer end()
	// A secret that cannot be written must undo everything: its token could not be used.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	err := store.Seed(ctx, sqlstore.SeedSource{
		UserCount: int(f.users) + 1, TokenCount: int(f.tokens),
		Users: func(yield func(jeton.User) bool) {
			more := yield(seededAdmin(adminHash, time.Now()))
			for i := int64(0); more && i < f.users; i++ {
				more = yield(data.user(i))
			}
		},
		Tokens: func(yield func(jeton.Token, jeton.Digest) bool) {
			data.allTokens(func(t jeton.Token, d jeton.Digest, s jeton.Secret) bool {
				if err := secrets.add(t, s); err != nil {
					cancel(err)
					return false
				}
				return yield(t, d)
			})
			if err := secrets.w.Flush(); err != nil {
				cancel(err)
			}
		},
	}, func(done, _ int) { step(int64(done)) })
	if err != nil && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

// seededAdmin returns the first administrator, as the service makes it.
func seededAdmin(hash string, now time.Time) jeton.User {
	return jeton.User{
		ID: jeton.NewID(now, rand.Reader), Username: jeton.FirstAdmin, Email: jeton.FirstAdmin + "@localhost", Locale: "en",
		Roles: []string{jeton.RoleSystemUser, jeton.RoleSystemAdmin}, PasswordHash: hash,
		CreateAt: now.UnixMilli(), UpdateAt: now.UnixMilli(), LastPasswordUpdate: now.UnixMilli(),
	}
}

func (a *admin) saySeeded(f seedFlags, took time.Duration) error {
	if f.asJSON {
		return printJSON(a.out, map[string]int64{"users": f.users, "tokens": f.tokens, "milliseconds": took.Milliseconds()})
	}
	_, err := fmt.Fprintf(a.out, "Made %d users and %d tokens in %s.\n", f.users, f.tokens, took.Round(time.Millisecond))
	return err
}

// secretsFile holds the secrets of a seeded database.
type secretsFile struct {
	file *os.File // nil: the secrets are discarded
	w    *bufio.Writer
}

// createSecrets makes a file that only this user can read. It fails if the file exists:
// it may hold the only copy of other secrets.
func createSecrets(path string) (*secretsFile, error) {
	if path == "" {
		return &secretsFile{w: bufio.NewWriter(io.Discard)}, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, hint(fmt.Errorf("the file %s exists and is not overwritten", path), "choose another by --secrets, or remove it")
	}
	if err != nil {
		return nil, hint(err, "choose another file by --secrets")
	}
	return &secretsFile{file: f, w: bufio.NewWriterSize(f, 1<<16)}, nil
}

func (s *secretsFile) add(t jeton.Token, secret jeton.Secret) error {
	_, err := fmt.Fprintf(s.w, "%s %s %s\n", t.ID, t.UserID, secret.Reveal())
	return err
}

// finish closes the file. If the seeding failed, it removes the file.
func (s *secretsFile) finish(failed error) error {
	if s.file == nil {
		return failed
	}
	err := errors.Join(failed, s.w.Flush(), s.file.Close())
	if err != nil {
		_ = os.Remove(s.file.Name())
	}
	return err
}
